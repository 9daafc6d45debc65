import type { Operation } from '../lib/operation.ts'
import { docker as operations } from '../lib/operations/docker.ts'
import { role } from '../lib/role.ts'
import type { ContainerLogs, EngineSettings } from './docker/settings.ts'

export type Docker = Pick<EngineSettings, 'package' | 'version'> & {
  /** Addresses of mirrors of Docker Hub. One with `http:` is trusted without TLS. Default none. */
  readonly mirrors?: readonly string[]
  /** A container's log on its host: `files` of `size` each (`20m`). */
  readonly logs: ContainerLogs
  /** MTU of local bridges, if the network carries less than 1500 bytes. */
  readonly mtu?: number
}

/**
 * Docker Engine, with bounded logs that Alloy reads, and a minute for containers to stop when it
 * does.
 */
export const docker = role(
  import.meta,
  'docker',
  ({ package: from, version, mirrors = [], logs, mtu }: Docker): readonly Operation[] =>
    operations.engine({
      package: from,
      ...(version === undefined ? {} : { version }),
      settings: {
        'log-driver': 'json-file',
        'log-opts': { 'max-size': logs.size, 'max-file': String(logs.files) },
        'shutdown-timeout': 60,
        ...(mirrors.length > 0 ? { 'registry-mirrors': mirrors } : {}),
        ...(mtu === undefined ? {} : { mtu }),
      },
    }),
)
