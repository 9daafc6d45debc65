import type { Operation } from '../lib/operation.ts'
import { docker as operations } from '../lib/operations/docker.ts'

export type Docker = {
  /** `docker-ce` from Docker's repository, or Debian's `docker.io`. */
  readonly package: 'docker-ce' | 'docker.io'
  /** The version to hold, as apt writes it. Default: what apt has at the first run. */
  readonly version?: string
  /** Addresses of mirrors of Docker Hub. One with `http:` is trusted without TLS. Default none. */
  readonly mirrors?: readonly string[]
  /** A container's log on its host: `files` of `size` each (`20m`). */
  readonly logs: { readonly size: string; readonly files: number }
  /** MTU of local bridges, where the network carries less than 1500 bytes. */
  readonly mtu?: number
}

/**
 * Docker Engine, with bounded logs that Alloy reads, and a minute for containers to stop when it
 * does.
 */
export const docker = ({
  package: from,
  version,
  mirrors = [],
  logs,
  mtu,
}: Docker): readonly Operation[] =>
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
  })
