import { type Operation, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { apt } from '../apt.ts'
import { service } from '../service.ts'
import { daemon, type Settings } from './daemon.ts'
import { repository } from './repository.ts'

export type Engine = {
  /** `docker-ce` from Docker's repository, or Debian's `docker.io`. They exclude each other. */
  readonly package: 'docker-ce' | 'docker.io'
  /** The very version, as apt writes it (`5:29.7.2-1~debian.12~bookworm`), and it is held. Default: what apt has at the first run. */
  readonly version?: string
  /** daemon.json, whole. */
  readonly settings: Settings
}

/** Docker Engine is installed from one source, runs with these settings and starts at boot. curl is there too: Docker's API is asked through it. */
export const engine = ({ package: from, version, settings }: Engine): readonly Operation[] => {
  const pinned = (name: string): string => (version === undefined ? name : `${name}=${version}`)
  const names =
    from === 'docker.io' ? [pinned('docker.io')] : [pinned('docker-ce'), pinned('docker-ce-cli'), 'containerd.io', 'docker-buildx-plugin']
  return [
    apt.packages({ names: ['ca-certificates', 'curl', 'iptables'] }),
    sole({ package: from }),
    ...(from === 'docker-ce' ? [repository({})] : []),
    daemon(settings),
    apt.packages({ names, ...(version === undefined ? {} : { hold: true }) }),
    service({ name: 'docker', state: 'running', enabled: true }),
  ]
}

/** The other engine is not installed. Nothing is removed for it: its containers would stop. */
const sole = operation('docker.sole', {
  name: ({ package: from }: { package: Engine['package'] }) => from,
  probe: () => sh`dpkg-query --show --showformat='\${Package} \${db:Status-Abbrev}\n' docker.io docker-ce podman-docker 2>/dev/null
[ $? -le 1 ] && echo end`,
  read: out => {
    const lines = out.stdout.toString().trim().split('\n')
    return lines.pop() === 'end' ? lines.flatMap(line => (/^(\S+) .i/.test(line) ? [line.split(' ')[0] as string] : [])) : unreadable(out)
  },
  plan: (now, want) => {
    const others = now.filter(name => name !== want.package)
    return others.length === 0
      ? null
      : new Unknown(
          `${others.join(', ')} is installed and ${want.package} is wanted: set engine.package, or remove it by hand, which stops its containers`,
        )
  },
})
