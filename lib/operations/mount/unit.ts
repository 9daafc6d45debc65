import { Unknown } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'

/**
 * The name of systemd's unit for a path: `/srv/a-b` is `srv-a\x2db`. Its own files for such a unit
 * come before the table.
 */
export const nameUnit = (path: string, type: 'mount' | 'automount' | 'swap'): string => {
  const escaped = [...Buffer.from(path.replace(/^\//, ''))].map((byte, i) => {
    const character = String.fromCharCode(byte)
    if (character === '/') return '-'
    return /[A-Za-z0-9:_]/.test(character) || (character === '.' && i > 0)
      ? character
      : `\\x${byte.toString(16).padStart(2, '0')}`
  })
  return `${escaped.join('') || '-'}.${type}`
}

/** Prints the files of units for this path, each in a line `unit FILE`. */
export const printUnits = (path: string, types: readonly ('mount' | 'automount' | 'swap')[]): Sh =>
  sh`for f in ${types.map(type => nameUnit(path, type))}; do
  for d in /etc/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system; do
    [ ! -e "$d/$f" ] || printf 'unit %s\n' "$d/$f"
  done
done`

/** Why the table does not decide; null if it does. `lines` are those of `printUnits`. */
export const findUnit = (lines: readonly string[]): Unknown | null => {
  const file = lines.find(line => line.startsWith('unit /'))?.slice(5)
  return file === undefined
    ? null
    : new Unknown(
        `systemd reads ${file} instead of the table: remove that unit ` +
          "(systemd.unit({ name, state: 'absent' })), or change it there",
      )
}
