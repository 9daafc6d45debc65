import { computeFingerprint, type KeyLine, listOptions, parseKeyLine } from './key-line.ts'

/** The file as it is and as it should be, for a person to read; `data` is what is written. */
export type EditedKeys = {
  readonly changed: boolean
  readonly before: string
  readonly after: string
  readonly data: Buffer
  readonly now: readonly KeyLine[]
  readonly wanted: readonly KeyLine[]
}

/**
 * The file with these keys and no others (`true`), with these too (`false`), or without them. Other
 * lines stay where they are: comments, and what sshd passes over.
 */
export const editKeys = (
  content: Buffer,
  want: readonly KeyLine[],
  how: boolean | 'absent',
): EditedKeys => {
  // Comments in another encoding stay as they are, byte by byte.
  const encoding = Buffer.from(content.toString()).equals(content) ? 'utf8' : 'latin1'
  const text = content.toString(encoding)
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const blobs = new Set(want.map(({ blob }) => blob))
  const placed = new Set<KeyLine>()
  const kept = lines.flatMap(line => {
    const key = parseKeyLine(line)
    if (!key) return [line]
    if (how === 'absent') return blobs.has(key.blob) ? [] : [line]
    const same = want.find(
      one => one.blob === key.blob && (one.line === key.line || (!how && hasSameOptions(one, key))),
    )
    if (same) {
      if (placed.has(same)) return []
      placed.add(same)
      return [line]
    }
    return how || blobs.has(key.blob) ? [] : [line]
  })
  const added = how === 'absent' ? [] : want.filter(one => !placed.has(one)).map(({ line }) => line)
  const then = [...kept, ...added]
  const after = then.map(line => `${line}\n`).join('')
  return {
    changed: kept.length !== lines.length || added.length > 0,
    before: lines.join('\n'),
    after: then.join('\n'),
    data: Buffer.from(after, encoding),
    now: parseAll(lines),
    wanted: parseAll(then),
  }
}

/** Options with which a login may be refused, or gets another program than a shell. */
const NARROW = ['command', 'from', 'expiry-time', 'cert-authority', 'principals']

/**
 * Why the edited file must not be written: the key of this run's own login would be missing, or
 * narrower than it is. Null if the login does not depend on the file.
 */
export const findKeyRefusal = ({ now, wanted }: EditedKeys, login: string): string | null => {
  const mine = (lines: readonly KeyLine[]) =>
    lines.filter(line => computeFingerprint(line) === login)
  const [is, stays] = [mine(now), mine(wanted)]
  if (is.length === 0) return null
  const works = stays.some(
    one =>
      is.some(old => hasSameOptions(old, one)) ||
      !listOptions(one).some(name => NARROW.includes(name)),
  )
  if (works) return null
  return stays.length === 0
    ? `this run logged in with the key ${login}, which would be taken away: ` +
        'add it to keys, or log in with one that stays'
    : `this run logged in with the key ${login}, which would be restricted: ` +
        'log in with another one'
}

const hasSameOptions = (a: KeyLine, b: KeyLine): boolean => a.options === b.options

const parseAll = (lines: readonly string[]): readonly KeyLine[] =>
  lines.map(parseKeyLine).filter(line => line !== null)
