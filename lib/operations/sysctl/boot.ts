import { type Sh, sh } from '../../sh.ts'

/**
 * Prints, in one line, all that is read at boot: for each file its path, then its assignments,
 * separated by the byte 1. systemd reads /etc/sysctl.conf only where a file of sysctl.d leads to
 * it; other systems read it last.
 */
export const printBootSettings: Sh = sh`set --
for f in /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf \
  /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf; do
  [ ! -e "$f" ] || set -- "$@" "$f"
done
[ -d /run/systemd/system ] || [ ! -e /etc/sysctl.conf ] || set -- "$@" /etc/sysctl.conf
b=$(for f; do
  printf '\001file %s\001' "$f"
  [ ! -f "$f" ] || sed -n '/^[[:space:]]*[^#;[:space:]]/p' "$f" | tr '\n' '\001' || exit 74
done) || exit 74
printf '%s\n' "$b"`

/**
 * The values that a boot would set instead of the wanted ones, each with its file. Files are read
 * in the order of their names; of several with one name, the first folder's counts. A key with a
 * wildcard never overrides a key that is written out.
 */
export const findOverrides = (
  line: string,
  own: string,
  wanted: Readonly<Record<string, string>>,
): string[] => {
  const keys = new Map(Object.entries(wanted).map(([key, value]) => [normalizeKey(key), value]))
  const found = new Map<string, string>()
  for (const { path, settings } of orderFiles(readFiles(line), own))
    for (const [key, value] of settings) {
      const wants = keys.get(key)
      if (wants === undefined) continue
      if (value === wants || path === own) found.delete(key)
      else found.set(key, `${key.replaceAll('/', '.')} = ${value} in ${path}`)
    }
  return [...found.values()]
}

type SettingsFile = {
  readonly path: string
  readonly settings: readonly (readonly [string, string])[]
}

const readFiles = (line: string): SettingsFile[] => {
  const files: { path: string; settings: (readonly [string, string])[] }[] = []
  for (const part of line.split('\u0001')) {
    const [, path] = /^file (\/.*)$/.exec(part) ?? []
    if (path !== undefined) files.push({ path, settings: [] })
    const [, key, value] = /^\s*-?([^=\s]+)\s*=\s*(.*?)\s*$/.exec(part) ?? []
    if (path === undefined && key !== undefined && value !== undefined)
      files.at(-1)?.settings.push([normalizeKey(key), value.replace(/\s+/g, ' ')])
  }
  return files
}

/** What is read before our own file changes nothing: that sets the same keys later. */
const orderFiles = (files: readonly SettingsFile[], own: string): SettingsFile[] => {
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  const byName = new Map<string, SettingsFile>()
  for (const file of files) {
    const last = file.path === '/etc/sysctl.conf'
    const name = last ? '\uffff' : nameOf(file.path)
    if (!byName.has(name)) byName.set(name, file)
  }
  return [...byName]
    .filter(([name]) => name > nameOf(own))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, file]) => file)
}

/** A key with slashes, as it is below /proc/sys: the first separator says which one it is. */
const normalizeKey = (key: string): string =>
  /^[^./]*\//.test(key) ? key : key.replace(/[./]/g, separator => (separator === '.' ? '/' : '.'))
