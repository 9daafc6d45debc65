import * as z from 'zod'
import { declareSettings, format } from '../../lib/settings.ts'

/** Grafana's image. */
export const grafanaSettings = declareSettings({
  role: 'grafana',
  settings: {
    /** The images of the tools. */
    images: z.strictObject({
      /** Grafana, with a tag or a digest. Required. */
      grafana: format.imageRef,
    }),
  },
})
