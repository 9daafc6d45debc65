import { change, operation, Unknown, unreadable } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { installPackages } from '../apt/install.ts'
import { apt } from '../apt.ts'
import { service } from '../service.ts'
import { type DaemonSettings, daemon } from './daemon.ts'
import { repository } from './repository.ts'

export type Engine = {
  /** `docker-ce` from Docker's repository, or Debian's `docker.io`. They exclude each other. */
  readonly package: 'docker-ce' | 'docker.io'
  /**
   * The version as apt writes it (`5:29.7.2-1~debian.12~bookworm`); the packages are then held.
   * Default: the version that apt has at the first run.
   */
  readonly version?: string
  /** The whole of daemon.json. */
  readonly settings: DaemonSettings
}

/**
 * Docker Engine is installed from one source, runs with these settings and starts at boot. curl is
 * installed too, for requests to Docker's API.
 */
export const engine = operation('docker.engine', {
  from: ({ package: from, version, settings }: Engine) => {
    const pinned = (name: string): string => (version === undefined ? name : `${name}=${version}`)
    const names =
      from === 'docker.io'
        ? [pinned('docker.io')]
        : [pinned('docker-ce'), pinned('docker-ce-cli'), 'containerd.io', 'docker-buildx-plugin']
    return [
      apt.packages({ names: ['ca-certificates', 'curl', 'iptables'] }),
      sole({ package: from }),
      ...(from === 'docker-ce' ? [repository({})] : []),
      daemon(settings),
      apt.packages({ names, ...(version === undefined ? {} : { hold: true }) }),
      ...(from === 'docker.io' ? [client({ version })] : []),
      service({ name: 'docker', state: 'running', enabled: true }),
    ]
  },
})

/** The other engine is not installed. It is never removed here: its containers would stop. */
const sole = operation('docker.engine', {
  name: ({ package: from }: { package: Engine['package'] }) => from,
  probe: () => sh`dpkg-query --show --showformat='\${Package} \${db:Status-Abbrev}\n' \
  docker.io docker-ce podman-docker 2>/dev/null
[ $? -le 1 ] && echo end`,
  read: out => {
    const lines = out.stdout.toString().trim().split('\n')
    return lines.pop() === 'end'
      ? lines.flatMap(line => (/^(\S+) .i/.test(line) ? [line.split(' ')[0] as string] : []))
      : unreadable(out)
  },
  plan: (now, want) => {
    const others = now.filter(name => name !== want.package)
    return others.length === 0
      ? null
      : new Unknown(
          `${others.join(', ')} is installed and ${want.package} is wanted: ` +
            'set engine.package, or remove it by hand, which stops its containers',
        )
  },
})

/**
 * The docker command is installed too: since Debian 13 `docker.io` only recommends its package. If
 * a version is set, the command has that version and is held.
 */
const client = operation('docker.engine', {
  name: () => 'docker-cli',
  probe: () => sh`dpkg-query --show --showformat='\${Package}=\${db:Status-Abbrev}=\${Version}\n' \
  docker.io docker-cli 2>/dev/null
command -v docker
echo end`,
  read: out => {
    const lines = out.stdout.toString().trim().split('\n')
    if (out.exitCode !== 0 || lines.pop() !== 'end') return unreadable(out)
    const versionOf = (name: string) =>
      lines.flatMap(line => new RegExp(`^${name}=.i *=(.*)$`).exec(line)?.[1] ?? [])[0]
    return {
      engine: versionOf('docker.io'),
      client: versionOf('docker-cli'),
      command: lines.some(line => line.startsWith('/')),
    }
  },
  plan: (now, { version }: { version: string | undefined }) => {
    if (
      now.command &&
      (now.client === undefined || version === undefined || now.client === version)
    )
      return null
    if (now.engine === undefined) return new Unknown('until docker.io is installed')
    const hold = version === undefined ? sh`` : sh`apt-mark hold docker-cli >/dev/null || exit 1`
    return change(
      [{ key: 'docker-cli', before: now.client ?? null, after: version ?? 'installed' }],
      sh`${installPackages([version === undefined ? 'docker-cli' : `docker-cli=${version}`])}
${hold}`,
      { seconds: 900 },
    )
  },
  probeSeconds: 30,
})
