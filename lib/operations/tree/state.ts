import { type Output, Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { type Entry, printEntry, readEntry } from '../file/entry.ts'
import { printLacks } from '../file/lacks.ts'
import { type Item, type PlacedItem, TOP } from './source.ts'

/**
 * The folder for new versions, inside the tree: the tree may be a separate mount, and a rename does
 * not leave its file system.
 */
export const STAGE = '.tree.brd'

/** What is at one place of the host. `hash` is of a file, `target` of a symlink. */
export type FoundEntry = Entry & { readonly hash?: string; readonly target?: string }

/**
 * The folder on the host: what is at each of the wanted places, in their order (null: nothing), and
 * what else is there.
 */
export type State = {
  readonly top: Entry | null
  readonly found: readonly (FoundEntry | null)[]
  readonly others: readonly string[]
}

/**
 * Prints the folder, one letter for each wanted place, then in the same order what stat says, the
 * hashes of files and the targets of symlinks; last, if `all`, every name in the folder, separated
 * by NUL. It starts a few processes for the whole tree, not one per file.
 */
export const printState = (
  path: string,
  items: readonly Item[],
  all: boolean,
): Sh => sh`${printEntry(path)}
${printLacks(pickOwner(items))}
case $s in directory*) ;; *) exit 0;; esac
cd -P ${path} || exit 74
set -- ${listInside(items).map(item => `./${item.path}`)}
for f; do
  if [ -h "$f" ]; then printf l
  elif [ -f "$f" ]; then printf f
  elif [ -e "$f" ]; then printf o
  else printf -; fi
done; echo
for f; do [ ! -h "$f" ] && [ ! -e "$f" ] || printf '%s\0' "$f"; done |
  xargs -0 -r stat -c '%F|%a|%u|%g|%U|%G|%s'
for f; do [ ! -h "$f" ] && [ -f "$f" ] && printf '%s\0' "$f"; done | xargs -0 -r sha256sum |
  awk '{sub(/^\\/, "")} substr($0, 65, 2) == "  " {print substr($0, 1, 64)}'
for f; do [ ! -h "$f" ] || echo "$(readlink "$f" | tr '\n' '?')"; done
${all ? sh`find . -xdev ! -name . -print0` : sh`:`}`

const pickOwner = (items: readonly (Item & Partial<PlacedItem>)[]) => {
  const { owner = '0', group = '0' } = items[0] ?? {}
  return { owner, group }
}

/** What is in the folder, without the folder itself. */
const listInside = (items: readonly Item[]): readonly Item[] =>
  items.filter(item => item.path !== TOP.path)

/**
 * Parses what `printState` printed. A count that does not match means that something changed
 * meanwhile: the state is unknown then.
 */
export const readState = (out: Output, items: readonly Item[]): State | Unknown => {
  if (out.exitCode !== 0) return unreadable(out)
  const lines = new Lines(out.stdout)
  const top = readEntry(lines.next())
  if (top === undefined) return unreadable(out)
  if (top?.type !== 'directory')
    return { top, found: listInside(items).map(() => null), others: [] }
  const found = readFound(lines, listInside(items).length)
  if (!found) return unreadable(out, 'what is there could not be read whole, or changed meanwhile')
  const others = lines.rest()
  if (others.includes('\ufffd'))
    return new Unknown('it holds a name that is not UTF-8 text: rename or remove it by hand')
  const names = others.split('\0').filter(Boolean)
  return { top, found, others: names.map(name => name.slice(2)) }
}

/**
 * Letters first, then a line of stat for each thing that is there, the hashes of the files among
 * them, the targets of the symlinks. Undefined if they do not match.
 */
const readFound = (lines: Lines, count: number): (FoundEntry | null)[] | undefined => {
  const letters = [...lines.next()]
  const there = letters.map(letter => (letter === '-' ? null : readEntry(lines.next())))
  const hashes = letters.map(letter => (letter === 'f' ? lines.next() : undefined))
  const targets = letters.map(letter =>
    letter === 'l' ? lines.next().replace(/\?$/, '') : undefined,
  )
  const isBad =
    letters.length !== count ||
    there.includes(undefined) ||
    hashes.some(hash => hash !== undefined && !/^[0-9a-f]{64}$/.test(hash))
  if (isBad) return undefined
  return there.map((entry, i) =>
    entry
      ? { ...entry, ...pickDefined('hash', hashes[i]), ...pickDefined('target', targets[i]) }
      : null,
  )
}

const pickDefined = (key: string, value: string | undefined) =>
  value === undefined ? {} : { [key]: value }

/** Takes lines from a buffer, one after the other; after the last one, empty lines. */
class Lines {
  #rest: Buffer
  constructor(data: Buffer) {
    this.#rest = data
  }
  next(): string {
    const end = this.#rest.indexOf(10)
    const line = this.#rest.subarray(0, end < 0 ? this.#rest.length : end).toString()
    this.#rest = this.#rest.subarray(end < 0 ? this.#rest.length : end + 1)
    return line
  }
  rest(): string {
    return this.#rest.toString()
  }
}
