import * as z from 'zod'
import { declareSettings, format } from '../../lib/settings.ts'

/** Portainer's images, pinned by a tag or a digest. */
export const portainerSettings = declareSettings({
  role: 'portainer',
  settings: {
    /** The images of the tools. */
    images: z.strictObject({
      /** The server. Required. */
      portainer: format.imageRef,
      /** The agent, of the same version as the server. Required. */
      agent: format.imageRef,
    }),
  },
})
