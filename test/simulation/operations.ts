import type { Deferred } from '../../lib/deferred.ts'
import { type Operation, operation, type Payload, Unknown } from '../../lib/operation.ts'
import { Secret } from '../../lib/secret.ts'
import { join, type Sh, sh } from '../../lib/sh.ts'

/** What an operation of a simulation is, as data: it is made anew for each run. */
export type Spec = {
  readonly key: string
  readonly kind: Kind
  /** Which content it wants; two runs may want different ones. */
  readonly version: number
  /** The operation before it that it needs, watches, or shares its file with. */
  readonly on?: string
  /** Seconds that its change takes. */
  readonly takes: number
  /** Bytes of content beside its text. */
  readonly bulk: number
  readonly disruptive?: boolean
  readonly secret?: boolean
  /** Deadline of its change in seconds. */
  readonly seconds?: number
  /** Deadline of its probe in seconds. Default 15. */
  readonly probeSeconds?: number
  /** Its change is the work of a package manager, which an interruption leaves alone. */
  readonly packages?: boolean
  /** What its probe prints does not end with a newline. */
  readonly bare?: boolean
  /** Its change leaves a child behind that still prints. */
  readonly noisy?: boolean
  /**
   * Its change does not heed SIGTERM, nor do so many children of it; with `yields`, these alone do
   * not.
   */
  readonly stubborn?: { readonly children: number; readonly yields?: boolean }
}

/**
 * `plain`: a file with this content. `needing`: cannot be read before another's file is there.
 * `line`: one line of a file that others edit too. `flag`: a file that is there, told by an exit
 * code alone, and made by the first of several. `restart`: runs with a copy of another's file.
 * `reboot`: wants that the host was booted since, and ends the link. `provider` and `consumer`: a
 * value from host to host.
 */
export type Kind =
  | 'plain'
  | 'needing'
  | 'line'
  | 'flag'
  | 'restart'
  | 'reboot'
  | 'provider'
  | 'consumer'

/** A value that one host of a run provides to the others. */
export type Token = Deferred<string>

export const END = ' end\n'

/** What names the boot of a host. */
export const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** Large ones are asked for at each change of a file. */
const contents = new WeakMap<Spec, string>()

export const makeContent = (spec: Spec): string => {
  const { key, version, bulk } = spec
  const known = contents.get(spec) ?? `v${version} ${key} ${'x'.repeat(bulk)}${END}`
  contents.set(spec, known)
  return known
}

export const fileOf = (root: string, { kind, key, on }: Spec): string =>
  kind === 'line' || kind === 'flag' ? `${root}/${kind}-${on}` : `${root}/${key}`

/** The file that a change writes before it puts it in place: by its name one sees who began. */
export const draftOf = (root: string, spec: Spec): string => `${fileOf(root, spec)}.${spec.key}.new`

/** The operation whose draft this is; null for another file. */
export const findDrafter = (path: string): string | null =>
  /\.([\w-]+)\.new$/.exec(path)?.[1] ?? null

const printFile = (path: string): Sh =>
  sh`if [ -e ${path} ]; then cat ${path}; else echo absent; fi`

/**
 * What every change does: it writes a draft and puts it in place in one step. A marker makes it
 * fail, as a broken host does.
 */
const place = (root: string, spec: Spec, from: Sh = sh`cat`): Sh => {
  const path = fileOf(root, spec)
  const draft = draftOf(root, spec)
  return join([
    sh`[ ! -e ${`${path}.broken`} ] || { echo 'it is broken' >&2; exit 3; }`,
    sh`${from} >${draft} || exit 4`,
    ...(spec.stubborn ? [resist(draft, spec.takes, spec.stubborn)] : []),
    ...(spec.noisy ? [sh`( sleep 0.01; echo one; sleep 1; echo two ) &`] : []),
    ...(spec.takes > 0 && !spec.stubborn
      ? [spec.packages ? sh`dpkg ${spec.takes}` : sh`sleep ${spec.takes}`]
      : []),
    ...(spec.kind === 'flag'
      ? [sh`[ ! -e ${path} ] || { rm -f ${draft}; echo 'it is there' >&2; exit 6; }`]
      : []),
    sh`mv -f ${draft} ${path} || exit 5`,
    ...(spec.kind === 'reboot' ? [sh`reboot; sleep 50`] : []),
  ])
}

/** Work that SIGTERM does not end, nor that of its children, who would write a draft each. */
const resist = (
  draft: string,
  seconds: number,
  { children, yields = false }: NonNullable<Spec['stubborn']>,
): Sh =>
  join([
    ...(yields ? [] : [sh`trap '' TERM`]),
    ...Array.from(
      { length: children },
      () => sh`( trap '' TERM; stubborn ${seconds}; : >${draft} ) >/dev/null 2>&1 &`,
    ),
    yields ? sh`sleep ${seconds}` : sh`stubborn ${seconds}`,
  ])

type Want = {
  readonly root: string
  readonly spec: Spec
  readonly token: Token | undefined
  /** What it restarts for. */
  readonly watched: Operation | undefined
}

/** Makes the operation of a spec, for files below `root`. */
const makeOperation = operation('simulated', {
  name: ({ spec }: Want) => spec.key,
  probe: ({ root, spec }) => {
    const path = fileOf(root, spec)
    return join([
      // a probe that hangs for as long as somebody lets it
      sh`while [ -e ${`${path}.hang`} ]; do sleep 5; done`,
      ...(spec.on === undefined || spec.kind === 'line' || spec.kind === 'flag'
        ? []
        : [sh`[ -e ${`${root}/${spec.on}`} ] || { echo "not there yet" >&2; exit 9; }`]),
      ...(spec.kind === 'restart' ? [sh`cat ${`${root}/${spec.on}`}; echo =`] : []),
      spec.kind === 'flag' ? sh`[ -e ${path} ]` : printFile(path),
      ...(spec.bare ? [sh`printf %s .`] : []),
      ...(spec.kind === 'reboot' ? [sh`echo =; cat ${BOOT_ID}`] : []),
    ])
  },
  provides: ({ spec, token }) => (spec.kind === 'provider' && token ? [token] : []),
  read: ({ exitCode, stdout, stderr }, { spec }) =>
    exitCode === 0 || (spec.kind === 'flag' && exitCode === 1 && stderr === '')
      ? { exitCode, now: stdout.toString().replace(spec.bare ? /\.$/ : /$^/, '') }
      : new Unknown(`exit ${exitCode}: ${stderr.trim()}`),
  plan: ({ exitCode, now }, { root, spec, token, watched }, { pending }) => {
    if (spec.kind === 'restart') {
      const [wanted, running] = now.split('=\n')
      if (wanted === running && !(watched && pending(watched))) return null
      return {
        diff: [{ key: 'runs with', before: shorten(running ?? ''), after: shorten(wanted ?? '') }],
        apply: place(root, spec, sh`cat ${`${root}/${spec.on}`}`),
      }
    }
    if (spec.kind === 'reboot') {
      const [was = '', boot = ''] = now.split('=\n')
      if (isRebooted(spec, was, boot.trim())) return null
      return makeChange(root, spec, was, `v1 ${spec.key} ${boot.trim()}${END}`)
    }
    if (spec.kind === 'line') {
      const line = makeContent(spec)
      const lines = now === 'absent\n' ? '' : now
      if (lines.split('\n').includes(line.trimEnd())) return null
      return makeChange(root, spec, now, `${lines}${line}`)
    }
    if (spec.kind === 'flag')
      return exitCode === 0 ? null : makeChange(root, spec, '', makeContent(spec))
    if (spec.kind === 'consumer' && token) {
      const value = token.get()
      if (value instanceof Unknown) return value
      return now === value ? null : makeChange(root, spec, now, value)
    }
    const content = makeContent(spec)
    if (now !== content) return makeChange(root, spec, now, content)
    if (spec.kind === 'provider') token?.provide(content)
    return null
  },
})

const makeChange = (root: string, spec: Spec, before: string, content: string) => {
  const stdin: Payload = spec.secret ? new Secret(content, spec.key) : content
  return {
    diff: [{ key: 'content', before: shorten(before), after: shorten(content) }],
    apply: place(root, spec),
    stdin,
    ...(spec.disruptive ? { disruptive: 'other work on the host is disturbed' } : {}),
    ...(spec.seconds === undefined ? {} : { seconds: spec.seconds }),
    ...(spec.kind === 'reboot' ? { rebootSeconds: 300 } : {}),
  }
}

/** Whether the host was booted since the file was put there: it says during which boot that was. */
const isRebooted = ({ key }: Spec, text: string, boot: string): boolean =>
  text.startsWith(`v1 ${key} `) && !text.includes(` ${boot} `)

const shorten = (text: string): string => text.slice(0, 40).trim()

/** Makes the operations of a list for one run. */
export const makeOperations = (
  root: string,
  specs: readonly Spec[],
  token?: Token,
): Operation[] => {
  const made = new Map<string, Operation>()
  for (const spec of specs) {
    const watched = spec.kind === 'restart' ? made.get(spec.on ?? '') : undefined
    const { probeSeconds = 15 } = spec
    made.set(spec.key, { ...makeOperation({ root, spec, token, watched }), probeSeconds })
  }
  return [...made.values()]
}

/** Whether a host is as an operation wants it, by the files that are there. */
export const holds = (
  root: string,
  spec: Spec,
  read: (path: string) => string | null,
  token?: Token,
): boolean => {
  const now = read(fileOf(root, spec))
  switch (spec.kind) {
    case 'line':
      return (now ?? '').split('\n').includes(makeContent(spec).trimEnd())
    case 'restart':
      return now !== null && now === read(`${root}/${spec.on}`)
    case 'flag':
      return now !== null
    case 'reboot':
      return isRebooted(spec, now ?? '', read(BOOT_ID) ?? '')
    case 'consumer': {
      const value = token?.get()
      return now !== null && (typeof value !== 'string' || now === value)
    }
    default:
      return now === makeContent(spec)
  }
}

/** Whether a file of ours is whole: its text ends where it should. */
export const isWhole = (text: string): boolean =>
  text.endsWith(END) && text.split('\n').every(line => line === '' || /^v\d.* end$/.test(line))
