/**
 * How programs write a text for another language: each form that differs from the text. JSON as Go
 * (Docker), Python and PHP print it, HTML and XML, a shell, SQL, compose files, INI and systemd.
 */
export const listQuoted = (text: string): readonly string[] => {
  const json = JSON.stringify(text).slice(1, -1)
  const ascii = json.replace(/[\x7f-\uffff]/g, escapeUnit)
  const slashes = (form: string) => form.replaceAll('/', '\\/')
  const forms = [
    ...[json, ascii, slashes(json), slashes(ascii), json.replace(/[<>&\u2028\u2029]/g, escapeUnit)],
    ...listMarkup(text),
    text.replace(/["\\$`]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./-]/g, '\\$&'),
    text.replaceAll("'", "''"),
    text.replace(/['"\\]/g, '\\$&'),
    ...[text.replaceAll('$', '$$$$'), text.replaceAll('%', '%%')],
    text.replaceAll('\n', '\r\n'),
    ...listCharsets(text),
  ]
  return forms.filter(form => form !== text)
}

const escapeUnit = (unit: string): string =>
  `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** The quotes stay, or are written by number or by name: each as one library does it. */
const listMarkup = (text: string): readonly string[] => {
  const inner = text.replace(/[&<>]/g, sign => NAMED[sign] as string)
  const quotes = [
    ['&quot;', "'"],
    ['&quot;', '&#39;'],
    ['&quot;', '&#x27;'],
    ['&quot;', '&#039;'],
    ['&quot;', '&apos;'],
    ['&#34;', '&#39;'],
  ] as const
  return [
    inner,
    ...quotes.map(([double, single]) => inner.replaceAll('"', double).replaceAll("'", single)),
  ]
}

/** Letters that are not ASCII: in parts, in another character set, and as octal numbers. */
const listCharsets = (text: string): readonly string[] => {
  if (!/[^\0-\x7f]/.test(text)) return []
  const bytes = Buffer.from(text)
  const octal = text.replace(/[^\0-\x7f]/gu, letter =>
    [...Buffer.from(letter)].map(byte => `\\${byte.toString(8)}`).join(''),
  )
  const narrow = /[^\0-\xff]/.test(text) ? [] : [Buffer.from(text, 'latin1').toString()]
  return [text.normalize('NFC'), text.normalize('NFD'), bytes.toString('latin1'), octal, ...narrow]
}
