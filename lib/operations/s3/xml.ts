/** An element of a document: its name, children and text. */
export type Element = {
  readonly name: string
  readonly children: readonly Element[]
  readonly text: string
}

/** Parses a small document of S3: elements and texts; attributes are ignored. Null if invalid. */
export const parseXml = (xml: string): Element | null => {
  const open: { name: string; children: Element[]; text: string }[] = [
    { name: '', children: [], text: '' },
  ]
  for (const [tag, close, name, empty, text] of xml
    .replace(/<[?!][^>]*>/g, '')
    .matchAll(/<(\/?)([\w:]+)[^>]*?(\/?)>|([^<]+)/g)) {
    const top = open.at(-1)
    if (!top) return null
    if (text !== undefined) top.text += unescapeXml(text)
    else if (close === '' && name !== undefined) {
      const element = { name, children: [], text: '' }
      top.children.push(element)
      if (empty === '') open.push(element)
    } else if (open.pop()?.name !== name) return null
    if (tag === '') return null
  }
  return open.length === 1 ? (open[0]?.children[0] ?? null) : null
}

/** Returns the texts of all children of that name. */
export const readTexts = (element: Element, name: string): readonly string[] =>
  findChildren(element, name).map(({ text }) => text)

/** Returns all children of that name. */
export const findChildren = (element: Element, name: string): readonly Element[] =>
  element.children.filter(child => child.name === name)

/** Writes an element with a text or with children. */
export const formatTag = (name: string, content: string | number | readonly string[]): string =>
  `<${name}>${Array.isArray(content) ? content.join('') : escapeXml(String(content))}</${name}>`

/** Writes a whole document of S3. */
export const formatDocument = (name: string, content: readonly string[]): string =>
  `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content.join('')}</${name}>`

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}
const escapeXml = (text: string): string =>
  text.replace(/[&<>]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] as string)
const unescapeXml = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, digits, name) => {
    if (name !== undefined) return entities[name] ?? whole
    const code = hex === undefined ? Number(digits) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
