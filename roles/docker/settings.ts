import * as z from 'zod'
import { declareSettings, format } from '../../lib/settings.ts'

/** Docker Engine, and the logs of its containers on their hosts. */
export const dockerSettings = declareSettings({
  role: 'docker',
  settings: {
    /** The package of Docker Engine, and the mirrors that it pulls from. */
    engine: z.strictObject({
      /** `docker-ce` from Docker's repository, or Debian's `docker.io`. Default docker-ce. */
      package: z.enum(['docker-ce', 'docker.io']).default('docker-ce'),
      /** Version to hold, as apt writes it. Default: the newest at the first run. */
      version: format.words.exactOptional(),
      /**
       * Addresses of mirrors of Docker Hub. One with `http:` is trusted without TLS. Default none.
       */
      mirrors: z.array(format.url).default([]),
    }),
    /** The log files of containers on their host. */
    logs: z.strictObject({
      /** Size of a container's log file on its host, as Docker writes it. Default 20m. */
      size: format.words.regex(/^\d+[kmg]$/, 'is not a size such as 20m').default('20m'),
      /** Files of that size kept for each container. Default 5. */
      files: z.int().min(1, 'is below 1').default(5),
    }),
  },
})

type Values = z.infer<z.ZodObject<typeof dockerSettings.settings>>
/** Docker Engine's package and its mirrors. */
export type EngineSettings = Readonly<Values['engine']>
/** A container's log on its host. */
export type ContainerLogs = Readonly<Values['logs']>
