import type { Operation } from '../lib/operation.ts'
import { directory } from '../lib/operations/directory.ts'
import { file } from '../lib/operations/file.ts'
import { service } from '../lib/operations/service.ts'
import { systemd } from '../lib/operations/systemd.ts'
import { role } from '../lib/role.ts'
import { prune } from './images/prune.ts'

export type Images = {
  /**
   * Repositories of the applications, without tags: what is pruned. None: only images without a
   * name are.
   */
  readonly repositories: readonly string[]
  /** Releases of each that stay, the newest ones. What runs stays besides. Default 3. */
  readonly keep?: number
}

const folder = '/usr/local/lib/brd'
const name = 'brd-prune-images'

/**
 * Every night the last releases of each application stay on this node, with those that run or that
 * a service may go back to; older ones go.
 */
export const images = role(
  import.meta,
  'images',
  ({ repositories, keep = 3 }: Images): readonly Operation[] => {
    const program = `${folder}/prune-images` as const
    const words = [program, String(keep), ...repositories].join(' ')
    return [
      directory({ path: folder }),
      file({ path: program, content: prune, mode: '755' }),
      systemd.unit({
        name: `${name}.service`,
        content: `[Unit]
Description=Old releases of applications are removed from this node
After=docker.service
ConditionPathExists=/var/run/docker.sock

[Service]
Type=oneshot
ExecStart=${words}
TimeoutStartSec=30min
`,
      }),
      systemd.unit({
        name: `${name}.timer`,
        content: `[Unit]
Description=Old releases of applications are removed from this node

[Timer]
OnCalendar=*-*-* 03:30
RandomizedDelaySec=30min
Persistent=true

[Install]
WantedBy=timers.target
`,
      }),
      service({ name: `${name}.timer`, state: 'running', enabled: true }),
    ]
  },
)
