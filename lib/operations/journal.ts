import { OptionError } from '../errors/option-error.ts'
import { operation } from '../operation.ts'
import { directory } from './directory.ts'
import { file } from './file.ts'
import { service } from './service.ts'

export type Journal = {
  /** Maximum size on the disk, as journald writes it. Default 1G. */
  readonly size?: `${number}${'K' | 'M' | 'G'}`
  /** How many days to keep. Default 31. */
  readonly days?: number
}

/** The system's journal is kept on disk within these limits, and journald runs with them. */
export const journal = operation('journal', {
  from: ({ size = '1G', days = 31 }: Journal, meta) => {
    if (!/^[1-9]\d*[KMG]$/.test(size))
      throw new OptionError({
        message: `${JSON.stringify(size)} is not a size`,
        next: 'use a number with K, M or G, such as 500M',
      })
    if (!Number.isInteger(days) || days < 1)
      throw new OptionError({
        message: `days must be a whole number of at least 1, not ${days}`,
        next: 'such as 31',
      })
    const folder = '/etc/systemd/journald.conf.d'
    const limits = file(
      {
        path: `${folder}/50-brd.conf`,
        content: [
          '[Journal]',
          'Storage=persistent',
          `SystemMaxUse=${size}`,
          `MaxRetentionSec=${days}day`,
          '',
        ].join('\n'),
      },
      meta,
    )
    return [
      directory({ path: folder }, meta),
      limits,
      service({ name: 'systemd-journald', restartOn: [limits] }, meta),
    ]
  },
})
