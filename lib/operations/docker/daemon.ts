import {
  type Change,
  change,
  type Diff,
  type Output,
  operation,
  type Unknown,
  unreadable,
} from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'

/**
 * Docker's daemon.json: the whole file. live-restore and the nftables backend are left out: a swarm
 * refuses them.
 */
export type Settings = {
  /**
   * Addresses of mirrors of Docker Hub. Those with `http:` also have to be among the insecure
   * registries.
   */
  readonly 'registry-mirrors'?: readonly string[]
  /** `host:port` or networks of registries without TLS. */
  readonly 'insecure-registries'?: readonly string[]
  /** Labels of the engine, `key=value`. Default none. */
  readonly labels?: readonly string[]
  /** Verbose logs of dockerd. Default false. */
  readonly debug?: boolean
  /** Seconds that containers have to stop when Docker does. Docker's own 15 kill a database. */
  readonly 'shutdown-timeout'?: number
  /** Where containers' output goes. Default Docker's own, json-file. */
  readonly 'log-driver'?: 'json-file' | 'local' | 'journald'
  /**
   * Options of the log driver; all values are strings (`{ 'max-size': '20m' }`). Default none: logs
   * grow without bound.
   */
  readonly 'log-opts'?: Readonly<Record<string, string>>
  /** Default: what Docker chooses, overlay2 nearly everywhere. */
  readonly 'storage-driver'?: string
  /** Folder of images, containers and volumes. Default /var/lib/docker. */
  readonly 'data-root'?: `/${string}`
  /** MTU of the local bridge, in bytes. Default 1500. */
  readonly mtu?: number
  /** `address:port` for Prometheus. Default: none is offered. */
  readonly 'metrics-addr'?: string
  /** For local networks only: overlays take theirs from the swarm's pool. */
  readonly 'default-address-pools'?: readonly { readonly base: string; readonly size: number }[]
  /** Limits of every container that sets none of its own. Default dockerd's. */
  readonly 'default-ulimits'?: Readonly<
    Record<string, { readonly Name: string; readonly Hard: number; readonly Soft: number }>
  >
}

type Json = Readonly<Record<string, unknown>>
/** What dockerd says that it works with. */
type Effective = {
  readonly mirrors: readonly string[]
  readonly insecure: readonly string[]
  readonly labels: readonly string[]
  readonly driver: string
}
type Now = {
  /** The file's text. */
  readonly file: string | null
  readonly unit: 'missing' | 'running' | 'stopped'
  /** The settings that it was started or reloaded with; null where that cannot be told. */
  readonly active: Json | null
  readonly effective: Effective | null
  readonly containers: boolean
}

const path = '/etc/docker/daemon.json'
const stamp = '/var/lib/brd/stamps/docker.daemon'

const make = operation('docker.daemon', {
  name: (_: Settings) => path,
  probe:
    () => sh`show() { if [ -e "$1" ]; then echo "$2 $(base64 <"$1" | tr -d '\n')"; else echo "$2 absent"; fi; }
show ${path} file && show ${stamp} stamp || exit 1
unit=$(systemctl show --property=LoadState --property=ActiveState --property=ActiveEnterTimestamp docker.service) || exit 1
printf '%s\n' "$unit" | sed -n 's/^LoadState=/load /p; s/^ActiveState=/state /p'
began=$(printf '%s\n' "$unit" | sed -n 's/^ActiveEnterTimestamp=//p')
[ ! -e ${path} ] || [ -z "$began" ] || { began=$(date -d "$began" +%s) && [ "$began" -gt "$(stat -c %Z ${path})" ] && echo 'started after'; }
systemctl is-active --quiet docker || exit 0
registry=$(docker info --format '{{json .RegistryConfig}}') && labels=$(docker info --format '{{json .Labels}} {{.LoggingDriver}}') && ids=$(docker ps --quiet) || exit 1
printf 'registry %s\nlabels %s\n' "$registry" "$labels"
[ -z "$ids" ] || echo 'containers run'`,
  read: out => read(out),
  plan: (now, want) => plan(now, want as Json),
  probeSeconds: 20,
})

/**
 * daemon.json has exactly these settings and Docker works with them. Where dockerd can read a
 * change again it is reloaded, otherwise restarted; a
 * restart is disruptive where containers run. Listed before the package, so that the first start
 * has them. When Docker does not start with them, the file of before is put back.
 */
export const daemon = (settings: Settings, meta = {}) => {
  const plain = (settings['registry-mirrors'] ?? [])
    .filter(mirror => mirror.startsWith('http:'))
    .map(mirror => new URL(mirror).host)
  return make(
    {
      ...settings,
      ...(plain.length > 0
        ? { 'insecure-registries': [...(settings['insecure-registries'] ?? []), ...plain] }
        : {}),
    },
    meta,
  )
}

const text = (settings: Json): string => `${JSON.stringify(settings, null, 2)}\n`

const read = (out: Output): Now | Unknown => {
  if (out.rc !== 0) return unreadable(out)
  const lines = new Map(
    out.stdout
      .toString()
      .split('\n')
      .filter(Boolean)
      .map(line => line.split(/ (.*)/s, 2) as [string, string]),
  )
  const [file, stamped] = [decoded(lines.get('file')), decoded(lines.get('stamp'))]
  const load = lines.get('load')
  if (load === undefined) return unreadable(out, 'systemd says nothing of docker.service')
  const running = lines.get('state') === 'active'
  const active = file !== null && (stamped === file || lines.has('started')) ? file : stamped
  return {
    file,
    unit: load === 'not-found' ? 'missing' : running ? 'running' : 'stopped',
    // Without a file it runs with Docker's own defaults.
    active: active === null ? (file === null ? {} : null) : parsed(active),
    effective: running ? effective(lines.get('registry'), lines.get('labels')) : null,
    containers: lines.has('containers'),
  }
}

const decoded = (value: string | undefined): string | null =>
  value === undefined || value === 'absent' ? null : Buffer.from(value, 'base64').toString()

const parsed = (json: string): Json | null => {
  try {
    const value: unknown = JSON.parse(json)
    return value && typeof value === 'object' ? (value as Json) : null
  } catch {
    return null
  }
}

const effective = (registry = '{}', labels = '[]'): Effective => {
  const { Mirrors, InsecureRegistryCIDRs, IndexConfigs } = JSON.parse(registry) as {
    Mirrors?: string[]
    InsecureRegistryCIDRs?: string[]
    IndexConfigs?: Record<string, { Secure: boolean }>
  }
  const [list = 'null', driver = ''] = labels.split(/ (?=\S*$)/)
  const insecure = [
    ...(InsecureRegistryCIDRs ?? []),
    ...Object.entries(IndexConfigs ?? {}).flatMap(([host, { Secure }]) => (Secure ? [] : [host])),
  ]
  return {
    mirrors: (Mirrors ?? []).map(slash),
    insecure,
    labels: (JSON.parse(list) as string[] | null) ?? [],
    driver,
  }
}
const slash = (url: string): string => url.replace(/\/*$/, '/')

/** What dockerd reads again on SIGHUP. */
const reloadable = [
  'registry-mirrors',
  'insecure-registries',
  'labels',
  'debug',
  'shutdown-timeout',
]

const plan = (now: Now, want: Json): Change | Unknown | null => {
  const settings = now.file === null ? {} : parsed(now.file)
  const content: Diff =
    now.file === text(want)
      ? []
      : settings
        ? keys(settings, want)
        : [{ key: 'content', before: now.file, after: text(want), text: true }]
  const written =
    now.file === text(want) || content.length > 0
      ? content
      : [{ key: 'layout', before: 'other', after: 'as written here' }]
  if (now.unit !== 'running') return change(written, write(want))
  const due = now.active ? keys(now.active, want) : [{ key: '(unknown)', after: null }]
  const ignored = working(now.effective, want)
  const action = [...due, ...ignored.map(key => ({ key, after: want[key] ?? null }))]
    .map(needed)
    .sort()
    .at(-1)
  const diff: Diff = action
    ? [
        ...written,
        {
          key: action,
          before:
            ignored.length > 0 && due.length === 0
              ? `runs with other ${ignored.join(', ')}`
              : 'runs with its settings as they were',
          after: `${action}ed`,
        },
      ]
    : written
  const disruptive =
    action === 'restart' && now.containers
      ? { disruptive: 'Docker restarts, and the containers of this host with it' }
      : {}
  return change(
    diff,
    action
      ? sh`${write(want)}
${action === 'restart' ? restart : reload}
${keep}`
      : write(want),
    { seconds: 240, ...disruptive },
  )
}

// A setting that is taken away stays as it was through a reload.
const needed = ({ key, after }: { key: string; after: unknown }): 'reload' | 'restart' =>
  reloadable.includes(key) && after !== null ? 'reload' : 'restart'

const keys = (now: Json, want: Json): Diff =>
  [...new Set([...Object.keys(want), ...Object.keys(now)])].flatMap(key => {
    const [before, after] = [now[key], want[key]].map(value =>
      value === undefined ? null : JSON.stringify(value),
    )
    return before === after ? [] : [{ key, before: before ?? null, after: after ?? null }]
  })

/**
 * The settings that dockerd does not work with although they are in its file: another flag, or a
 * reload that was missed.
 */
const working = (now: Effective | null, want: Json): readonly string[] => {
  if (!now) return []
  const list = (key: string): readonly string[] =>
    (want[key] as readonly string[] | undefined) ?? []
  return [
    ...(list('registry-mirrors').map(slash).join() === now.mirrors.join()
      ? []
      : ['registry-mirrors']),
    ...(list('insecure-registries').every(host => now.insecure.includes(host))
      ? []
      : ['insecure-registries']),
    ...([...list('labels')].sort().join() === [...now.labels].sort().join() ? [] : ['labels']),
    ...(want['log-driver'] === undefined || want['log-driver'] === now.driver
      ? []
      : ['log-driver']),
  ]
}

/** Docker 23 and later can tell a wrong file before it is in its place. */
const write = (
  want: Json,
): Sh => sh`mkdir -p -m 755 /etc/docker && rm -f ${path}.before && { [ ! -e ${path} ] || cp -p ${path} ${path}.before; } || exit 1
printf '%s' ${text(want)} >${path}.new && chmod 644 ${path}.new || exit 1
if command -v dockerd >/dev/null && dockerd --help 2>/dev/null | grep -q -e --validate; then
  said=$(dockerd --validate --config-file ${path}.new 2>&1) || { echo "dockerd refuses these settings: $said" >&2; rm -f ${path}.new ${path}.before; exit 1; }
fi
mv -f ${path}.new ${path} && trap 'rm -f ${path}.before' 0 || exit 1`

const answering = sh`answering() { i=0; until timeout 5 docker info >/dev/null 2>&1; do i=$((i + 1)); [ $i -lt 60 ] || return 1; sleep 1; done; }`

const restart = sh`${answering}
member=$(docker info --format '{{.Swarm.LocalNodeState}}')
systemctl reset-failed docker 2>/dev/null
if ! timeout 150 systemctl restart docker || ! answering; then
  journalctl --unit docker --no-pager --lines 8 --output cat >&2
  if [ -e ${path}.before ]; then mv -f ${path}.before ${path}; else rm -f ${path}; fi
  systemctl reset-failed docker 2>/dev/null; timeout 60 systemctl restart docker
  echo 'Docker does not start with these settings: the file of before is back' >&2; exit 1
fi
i=0; while [ "$member" = active ] && [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" != active ]; do i=$((i + 1)); [ $i -lt 60 ] || { echo 'the node has not come back to its swarm after 60 s' >&2; exit 1; }; sleep 1; done`

const reload = sh`${answering}
systemctl reload docker && sleep 1 && answering || { echo 'Docker could not be reloaded' >&2; exit 1; }`

const keep = sh`mkdir -p /var/lib/brd/stamps && cp ${path} ${stamp}.new && mv -f ${stamp}.new ${stamp} || exit 1`
