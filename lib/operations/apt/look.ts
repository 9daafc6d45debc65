import { type Output, type Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { defineFresh, LOOK } from './lists.ts'

/** A package as dpkg has it. */
export type Found = { readonly version: string; readonly hold: boolean; readonly whole: boolean }

/** What apt would do, as it says when it simulates. */
export type Simulated = {
  readonly exitCode: number
  /** Its errors, in one line. */
  readonly error: string
  /** Versions by the packages that it would install or configure. */
  readonly installed: ReadonlyMap<string, string>
  /** Versions by the packages that it would remove. */
  readonly removed: ReadonlyMap<string, string>
  /** Packages that it would take for a name that is not a package's own. */
  readonly instead: ReadonlyMap<string, string>
}

export type PackagesNow = {
  /** Packages by name; of another architecture than the host's, with it: `libc6:i386`. */
  readonly found: ReadonlyMap<string, Found>
  /** Installed packages that provide a name, by that name. */
  readonly provided: ReadonlyMap<string, string>
  /** The newest versions in the lists. */
  readonly candidates: ReadonlyMap<string, string>
  readonly lists: 'fresh' | 'old' | 'not asked'
  /** Names of all packages that are held, if apt was asked. */
  readonly held: readonly string[]
  /** Packages without which this run could not log in again. */
  readonly needs: readonly string[]
  /** Null if there is nothing to do. */
  readonly simulated: Simulated | null
  readonly native: string
}

/** A package as a playbook names it. */
export type PackageName = {
  readonly name: string
  /** Empty: the host's own. */
  readonly architecture: string
  readonly version: string
  readonly suite: string
}

export const readName = (text: string): PackageName => {
  const [, name = '', architecture = '', version = '', suite = ''] =
    /^([^:=/]+)(?::([^=/]+))?(?:=(.+))?(?:\/(.+))?$/.exec(text) ?? []
  return { name, architecture, version, suite }
}

/** The key of a package: its name, with its architecture if that is not the host's. */
export const keyOf = (name: string, architecture: string, native: string): string =>
  ['', 'all', 'any', 'native', native].includes(architecture) ? name : `${name}:${architecture}`

type Wanted = {
  readonly names: readonly string[]
  readonly cacheHours: number
  /** `latest` always asks apt; the others only if something is to be done. */
  readonly state: 'present' | 'latest' | 'absent' | 'purged'
  readonly hold: boolean | undefined
}

/**
 * Prints what dpkg has of these packages, and, if something is to be done, what apt would do. Only
 * reads.
 */
export const printPackages = (want: Wanted): Sh => {
  const all = want.names.map(readName)
  return sh`native=$(dpkg --print-architecture) && echo "native||$native" || {
  echo "dpkg ends with exit $?: is this host Debian or Ubuntu?" >&2
  exit 1
}
found=$(dpkg-query --show \
  --showformat='\${Package}|\${db:Status-Abbrev}|\${Version}|\${Architecture}\n' \
  ${all.map(({ name }) => name)} 2>/dev/null)
[ $? -le 1 ] || { echo 'dpkg-query cannot read its database' >&2; exit 1; }
provided=$(dpkg-query --show \
  --showformat='\${db:Status-Abbrev}|\${Package}|\${Provides}\n' 2>/dev/null |
  awk -F'|' -v names=${all.map(({ name }) => name).join(' ')} ${listProvided})
printf '%s\n' "$found" "$provided"
todo=$(printf '%s\n' "$found" "$provided" | NAMES=${want.names.join(' ')} awk -F'|' \
  -v native="$native" -v gone=${isGone(want.state) ? 1 : 0} -v state=${want.state} ${listTodo})
[ -z "$todo" ] || {
  ${defineFresh(want.cacheHours)}
  fresh && echo lists=fresh || echo lists=old
  apt-mark showhold | sed 's/^/held|/'
  ${printNeeds}
  set -f
  said=$(apt-get ${LOOK} -y --simulate ${simulate(want)} $todo 2>&1)
  echo "simulated|$?"
  printf '%s\n' "$said" | sed -n -e 's/^\(Inst\|Conf\|Remv\|Purg\|E:\) /apt|\1 /p' \
    -e 's/^Note, selecting /apt|Note /p'
}
${want.state === 'latest' ? printNewest(want.names) : sh``}
echo end`
}

/** Packages without which this run could not log in again, or become root. */
const printNeeds = sh`[ -z "\${SUDO_USER:-}" ] || echo 'needs|sudo'
  p=$$
  while [ "$p" -gt 1 ] && read -r c <"/proc/$p/comm"; do
    case $c in sshd*) echo 'needs|openssh-server'; break ;; esac
    p=$(awk '/^PPid:/ {print $2}' "/proc/$p/status") || exit 74
  done`

const isGone = (state: Wanted['state']): boolean => state === 'absent' || state === 'purged'

const simulate = ({ state, hold }: Wanted): readonly string[] => [
  ...(hold === undefined ? [] : ['--allow-change-held-packages']),
  ...(isGone(state)
    ? [state === 'purged' ? 'purge' : 'remove']
    : ['--no-install-recommends', '--allow-downgrades', 'install']),
]

/** Names that no package of the host has, but that an installed one provides. */
const listProvided = `
BEGIN { n = split(names, name, " ") }
substr($1, 2, 1) == "i" {
  all = $3; gsub(/ *\\([^)]*\\)/, "", all); gsub(/ /, "", all)
  for (i = 1; i <= n; i++) if (index("," all ",", "," name[i] ",")) print "provided|" name[i] "|" $2
}`

/** Names whose package is not as it should be, as apt-get takes them. */
const listTodo = `
$1 == "provided" { other[$2] = 1; next }
{
  key = $1 ":" ($4 == "all" || $4 == "" ? native : $4)
  if (substr($2, 2, 1) !~ /[nc]/) there[key] = 1
  if (substr($2, 2, 1) == "c") left[key] = 1
  if ($2 ~ /^.i *$/) whole[key] = $3
}
END {
  n = split(ENVIRON["NAMES"], all, " ")
  for (i = 1; i <= n; i++) {
    spec = all[i]; suite = version = ""
    if (index(spec, "/")) { suite = 1; sub(/\\/.*/, "", spec) }
    if (index(spec, "=")) { version = substr(spec, index(spec, "=") + 1); sub(/=.*/, "", spec) }
    key = index(spec, ":") ? spec : spec ":" native
    if (key ~ /:(all|any|native)$/) sub(/:[a-z]*$/, ":" native, key)
    if (gone) { if (key in there || (state == "purged" && key in left)) print all[i] }
    else if (state == "latest" || suite != "") print all[i]
    else if (!(key in whole) && !(spec in other)) print all[i]
    else if (version != "" && whole[key] "" != version "") print all[i]
  }
}`

const printNewest = (names: readonly string[]): Sh => sh`apt-cache ${LOOK} policy \
  ${names.map(name => name.replace(/[=/].*$/, ''))} | awk '
  /^[^ ]/ {sub(/:$/, ""); name = $0}
  /^  Candidate: / {print "candidate|" name "|" $2}'`

/** Reads what `printPackages` printed. An answer without its end is unknown. */
export const readPackages = (out: Output): PackagesNow | Unknown => {
  const lines = out.stdout.toString().trimEnd().split('\n')
  if (out.exitCode !== 0 || lines.pop() !== 'end') return unreadable(out)
  const rows = lines.map(line => line.split('|'))
  const native = rows.find(([word]) => word === 'native')?.[2] ?? ''
  const pick = (word: string) => rows.filter(([first]) => first === word)
  const lists = lines.find(line => line.startsWith('lists='))?.slice(6) ?? 'not asked'
  if (lists !== 'fresh' && lists !== 'old' && lists !== 'not asked') return unreadable(out)
  return {
    native,
    lists,
    found: new Map(rows.flatMap(row => readInstalled(row, native))),
    provided: new Map(pick('provided').map(([, name = '', by = '']) => [name, by])),
    candidates: new Map(
      pick('candidate').flatMap(([, name = '', version = '']) =>
        version === '(none)' ? [] : [[name, version] as const],
      ),
    ),
    held: pick('held').map(([, name = '']) => name),
    needs: pick('needs').map(([, name = '']) => name),
    simulated: readSimulation(pick('simulated')[0]?.[1], pick('apt')),
  }
}

const WORDS = ['native', 'provided', 'candidate', 'held', 'needs', 'simulated', 'apt']

/**
 * Reads a package's status. One that is unpacked but not configured does not count as installed;
 * one that is removed may have left its configuration files.
 */
const readInstalled = (
  [name = '', status = '', version = '', architecture = '']: readonly string[],
  native: string,
): [string, Found][] => {
  if (WORDS.includes(name) || status[1] === undefined || status[1] === 'n') return []
  const whole = status[1] === 'i' && status.trim().length === 2
  return [[keyOf(name, architecture, native), { version, hold: status[0] === 'h', whole }]]
}

/** Reads lines such as `Inst name [old] (new source)`, `Remv name [old]` and `E: why`. */
const readSimulation = (
  exitCode: string | undefined,
  rows: readonly (readonly string[])[],
): Simulated | null => {
  if (exitCode === undefined) return null
  const texts = rows.map(row => row.slice(1).join('|'))
  const named = (verbs: RegExp, version: RegExp) =>
    new Map(
      texts.flatMap(text => {
        const [verb = '', name = ''] = text.split(' ')
        return verbs.test(verb) ? [[name, version.exec(text)?.[1] ?? ''] as const] : []
      }),
    )
  const notes = texts.map(text => /^Note '([^']+)' (?:instead of|for \w+) '([^']+)'/.exec(text))
  return {
    exitCode: Number(exitCode),
    error: texts
      .filter(text => text.startsWith('E: '))
      .map(text => text.slice(3))
      .join(' '),
    installed: named(/^(Inst|Conf)$/, /\((\S+)/),
    removed: named(/^(Remv|Purg)$/, /\[([^\]]*)\]/),
    instead: new Map(
      notes.flatMap(note => (note ? [[note[2] ?? '', note[1] ?? ''] as const] : [])),
    ),
  }
}
