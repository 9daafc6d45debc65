import { Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import type { Fact } from './fact.ts'

const managers = ['apt', 'dnf', 'yum', 'zypper', 'apk', 'pacman'] as const

/** The package manager of the host; null if it is not one of these. */
export const packageManager: Fact<(typeof managers)[number] | null> = {
  name: 'packageManager',
  probe: sh`for p in apt-get ${managers.slice(1)}; do
  command -v "$p" >/dev/null && { echo "$p"; exit 0; }
done; echo none`,
  read: printed => {
    const said = printed.trim().replace('apt-get', 'apt')
    if (said === 'none') return null
    return (
      managers.find(name => name === said) ??
      new Unknown(`no package manager that is known: ${JSON.stringify(said.slice(0, 80))}`)
    )
  },
}

export type DockerInfo = {
  /** Of the engine: `20.10.24+dfsg1`. */
  readonly version: string
  /** How the node stands to a swarm. */
  readonly swarm: 'inactive' | 'pending' | 'active' | 'error' | 'locked'
  /** Whether it is a manager of its swarm. */
  readonly manager: boolean
}

/**
 * The Docker engine; null where Docker is not installed. An engine that does not answer is an
 * error.
 */
export const docker: Fact<DockerInfo | null> = {
  name: 'docker',
  probe: sh`command -v docker >/dev/null || { echo absent; exit 0; }
docker info --format '{{.ServerVersion}} {{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}'`,
  read: printed => {
    if (printed.trim() === 'absent') return null
    const [, version, swarm, manager] =
      /^(\S+) (inactive|pending|active|error|locked) (true|false)$/.exec(printed.trim()) ?? []
    if (!version || !swarm)
      return new Unknown('Docker is installed, and its engine does not answer')
    return { version, swarm: swarm as DockerInfo['swarm'], manager: manager === 'true' }
  },
}
