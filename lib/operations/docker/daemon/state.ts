import { type Output, type Unknown, unreadable } from '../../../operation.ts'
import { type Sh, sh } from '../../../sh.ts'
import { isAbsent } from '../../file/entry.ts'

export const daemonFile = '/etc/docker/daemon.json'

/** A copy of the settings that dockerd was last started or reloaded with. */
export const appliedFile = '/var/lib/brd/stamps/docker.daemon'

export type Json = Readonly<Record<string, unknown>>

/** The settings that dockerd reports. */
export type Effective = {
  readonly mirrors: readonly string[]
  readonly insecure: readonly string[]
  readonly labels: readonly string[]
  readonly driver: string
}
export type DaemonState = {
  /** The file's text. */
  readonly file: string | null
  readonly unit: 'missing' | 'running' | 'stopped'
  /** The settings that it was started or reloaded with; null if unknown. */
  readonly active: Json | null
  readonly effective: Effective | null
  readonly containers: boolean
}

/** Prints the file, the settings last applied, and those that a running dockerd reports. */
export const printDaemon: Sh = sh`show() {
  if ${isAbsent(sh`"$1"`)}; then echo "$2 absent"; return; fi
  c=$(base64 <"$1") || exit 74
  echo "$2 $(printf %s "$c" | tr -d '\n')"
}
show ${daemonFile} file && show ${appliedFile} stamp || exit 1
unit=$(systemctl show --property=LoadState --property=ActiveState \
  --property=ActiveEnterTimestamp docker.service) || exit 1
printf '%s\n' "$unit" | sed -n 's/^LoadState=/load /p; s/^ActiveState=/state /p'
began=$(printf '%s\n' "$unit" | sed -n 's/^ActiveEnterTimestamp=//p')
[ ! -e ${daemonFile} ] || [ -z "$began" ] || {
  began=$(date -d "$began" +%s) && [ "$began" -gt "$(stat -c %Z ${daemonFile})" ] &&
    echo 'started after'
}
systemctl is-active --quiet docker || exit 0
registry=$(docker info --format '{{json .RegistryConfig}}') &&
  labels=$(docker info --format '{{json .Labels}} {{.LoggingDriver}}') &&
  ids=$(docker ps --quiet) || exit 1
printf 'registry %s\nlabels %s\n' "$registry" "$labels"
[ -z "$ids" ] || echo 'containers run'`

/** Reads what `printDaemon` printed. */
export const readDaemon = (out: Output): DaemonState | Unknown => {
  if (out.exitCode !== 0) return unreadable(out)
  const lines = new Map(
    out.stdout
      .toString()
      .split('\n')
      .filter(Boolean)
      .map(line => line.split(/ (.*)/s, 2) as [string, string]),
  )
  const [file, applied] = [decode(lines.get('file')), decode(lines.get('stamp'))]
  const load = lines.get('load')
  if (load === undefined) return unreadable(out, 'systemd does not report docker.service')
  const running = lines.get('state') === 'active'
  const active = file !== null && (applied === file || lines.has('started')) ? file : applied
  return {
    file,
    unit: load === 'not-found' ? 'missing' : running ? 'running' : 'stopped',
    // Without a file dockerd runs with its defaults.
    active: active === null ? (file === null ? {} : null) : parseSettings(active),
    effective: running ? readEffective(lines.get('registry'), lines.get('labels')) : null,
    containers: lines.has('containers'),
  }
}

const decode = (value: string | undefined): string | null =>
  value === undefined || value === 'absent' ? null : Buffer.from(value, 'base64').toString()

/** Parses the text of daemon.json; null if it is not an object. */
export const parseSettings = (json: string): Json | null => {
  try {
    const value: unknown = JSON.parse(json)
    return value && typeof value === 'object' ? (value as Json) : null
  } catch {
    return null
  }
}

const readEffective = (registry = '{}', labels = '[]'): Effective => {
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
    mirrors: (Mirrors ?? []).map(endWithSlash),
    insecure,
    labels: (JSON.parse(list) as string[] | null) ?? [],
    driver,
  }
}

/** Writes a mirror's address as dockerd reports it. */
export const endWithSlash = (url: string): string => url.replace(/\/*$/, '/')
