import * as z from 'zod'
import { declareSettings, format } from '../../lib/settings.ts'

/** Loki's and Alloy's images, pinned by a tag or a digest, and how long logs are kept. */
export const lokiSettings = declareSettings({
  role: 'loki',
  settings: {
    /** The images of the tools. */
    images: z.strictObject({
      /** Loki 3. Required. */
      loki: format.imageRef,
      /** Alloy, which ships the logs. Required. */
      alloy: format.imageRef,
    }),
    /** The logs that Loki keeps. */
    logs: z.strictObject({
      /** Days that Loki keeps logs. Default 31. */
      days: z.int().min(1, 'is below one day').default(31),
    }),
  },
})
