import { listQuoted } from './quoted-forms.ts'

/** Characters of the shortest value that is taken out: a shorter one is a part of other words. */
const SHORTEST = 4
/** Characters of the shortest encoded form: by chance such a one is nowhere else. */
const SHORTEST_ENCODED = 6
/** Characters of a line of a long value that is taken out alone. */
const SHORTEST_LINE = 16
/** Columns at which programs break base64: openssl, base64. */
const columns = [64, 76] as const

type Form = { readonly text: string; readonly shown: string }

/**
 * Takes values out of texts: as they are, line by line, and as programs show them again, in base64
 * (alone or inside another text), hexadecimal, URLs, JSON, markup, and quoted for a shell, SQL and
 * files of settings; also without the blanks around it.
 */
export class Redactor {
  readonly #values = new Map<string, string>()
  /** The forms by their first two characters, the longest first. */
  #forms: ReadonlyMap<number, readonly Form[]> | null = null

  /** From now on `shown` takes the place of the value. A short value is not taken out. */
  hide(value: string, shown: string): void {
    if (value.length < SHORTEST || this.#values.get(value) === shown) return
    this.#values.set(value, shown)
    this.#forms = null
  }

  /** Returns the text without the values; its time does not depend on their number. */
  readonly redact = (text: string): string => {
    if (this.#values.size === 0 || text.length < SHORTEST) return text
    this.#forms ??= indexForms(this.#values)
    let clean = ''
    let kept = 0
    for (let at = 0; at < text.length - 1; at++) {
      const found = this.#forms
        .get(combine(text, at))
        ?.find(({ text: form }) => text.startsWith(form, at))
      if (!found) continue
      clean += text.slice(kept, at) + found.shown
      kept = at + found.text.length
      at = kept - 1
    }
    return kept === 0 ? text : clean + text.slice(kept)
  }

  /** Returns how many characters at the end of a text may be the beginning of a value, at most. */
  countOverlap(text: string): number {
    if (this.#values.size === 0) return 0
    this.#forms ??= indexForms(this.#values)
    const all = [...this.#forms.values()].flat()
    const longest = Math.max(...all.map(form => form.text.length))
    for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
      const last = at === text.length - 1
      const forms = last ? all : (this.#forms.get(combine(text, at)) ?? [])
      if (forms.length > 0 && forms.some(form => isBegun(form, text.slice(at))))
        return text.length - at
    }
    return 0
  }
}

const isBegun = ({ text }: Form, end: string): boolean =>
  text.length > end.length && text.startsWith(end)

const combine = (text: string, at: number): number =>
  text.charCodeAt(at) * 65536 + text.charCodeAt(at + 1)

const indexForms = (values: ReadonlyMap<string, string>): ReadonlyMap<number, readonly Form[]> => {
  const index = new Map<number, Form[]>()
  for (const [value, shown] of values)
    for (const text of listForms(value)) {
      const key = combine(text, 0)
      index.set(key, [...(index.get(key) ?? []), { text, shown }])
    }
  for (const forms of index.values()) forms.sort((a, b) => b.text.length - a.text.length)
  return index
}

/** All forms in which a value may appear. */
const listForms = (value: string): ReadonlySet<string> => {
  const lines = value.split(/\r?\n/).filter(isTelling)
  const bare = value.trim()
  const encoded = [...new Set([value, `${value}\n`, bare])].flatMap(listEncoded)
  return new Set([
    value,
    ...lines,
    ...[bare, ...listQuoted(bare)].filter(text => text.length >= SHORTEST),
    ...encoded.filter(text => text.length >= SHORTEST_ENCODED),
  ])
}

/** A line of a key says something; `-----BEGIN PRIVATE KEY-----` and `}` do not. */
const isTelling = (line: string): boolean =>
  line.length >= SHORTEST_LINE && !/^-----(?:BEGIN|END) /.test(line)

const listEncoded = (value: string): string[] => {
  const bytes = Buffer.from(value)
  const hex = bytes.toString('hex')
  const json = JSON.stringify(value).slice(1, -1)
  const whole = bytes.toString() // half a character cannot be in a URL
  const form = encodeURIComponent(whole)
  const strict = form.replace(/[!'()~]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  return [
    ...listBase64(bytes, 'base64'),
    ...listBase64(bytes, 'base64url'),
    ...[hex, hex.toUpperCase()],
    ...[json, JSON.stringify(json).slice(1, -1)],
    ...[form, lowerEscapes(form), encodeURI(whole), strict, lowerEscapes(strict)],
    ...[strict.replaceAll('%20', '+'), form.replaceAll('%20', '+')],
    value.replaceAll("'", "'\\''"),
  ]
}

const lowerEscapes = (text: string): string =>
  text.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase())

/**
 * The value in base64, and what of it is left when other bytes stand before and after it: three
 * bytes are four characters, so that it begins in one of three ways.
 */
const listBase64 = (bytes: Buffer, encoding: 'base64' | 'base64url'): string[] => {
  const whole = bytes.toString(encoding).replace(/=+$/, '')
  const inside = [0, 1, 2].map(before => {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes])
    const text = shifted.toString(encoding).replace(/=+$/, '')
    const cut = shifted.length % 3 === 0 ? 0 : 1
    return text.slice(before === 0 ? 0 : before + 1, text.length - cut)
  })
  const broken = columns.flatMap(width =>
    whole.length <= width ? [] : (whole.match(new RegExp(`.{1,${width}}`, 'g')) ?? []),
  )
  return [whole, ...inside, ...broken.filter(line => line.length >= SHORTEST_LINE)]
}
