import type { Operation } from '../../lib/operation.ts'
import { directory } from '../../lib/operations/directory.ts'
import { file } from '../../lib/operations/file.ts'
import { service } from '../../lib/operations/service.ts'

export type Journal = {
  /** As journald writes it. Default 1G. */
  readonly size?: string
  /** Days. Default 31. */
  readonly days?: number
}

/** The system's journal is kept on disk, in bounds, and journald runs with them. */
export const journal = ({ size = '1G', days = 31 }: Journal): readonly Operation[] => {
  const folder = '/etc/systemd/journald.conf.d'
  const limits = file({
    path: `${folder}/50-brd.conf`,
    content: `[Journal]\nStorage=persistent\nSystemMaxUse=${size}\nMaxRetentionSec=${days}day\n`,
  })
  return [directory({ path: folder }), limits, service({ name: 'systemd-journald', restartOn: [limits] })]
}
