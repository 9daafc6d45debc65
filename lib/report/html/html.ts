/**
 * A piece of HTML. Only `html` and `trusted` make one, so every text that a run brought has been
 * escaped.
 */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/**
 * What may stand in a piece: texts and numbers are escaped, a list stands without separators, null
 * is nothing.
 */
export type Piece = string | number | Html | null | readonly Piece[]

/**
 * A piece of HTML in which every value has been escaped: for text and for attributes in double
 * quotes.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly Piece[]): Html =>
  new Html(
    parts
      .map((part, i) => part + (i < values.length ? renderPiece(values[i] as Piece) : ''))
      .join(''),
  )

/** Text of our own that is HTML already. */
export const trustHtml = (text: string): Html => new Html(text)

const renderPiece = (piece: Piece): string => {
  if (piece === null) return ''
  if (piece instanceof Html) return piece.text
  if (typeof piece === 'object') return piece.map(renderPiece).join('')
  return escapeHtml(String(piece))
}

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Half surrogates and what HTML cannot hold become U+FFFD. */
const escapeHtml = (text: string): string =>
  text
    .replace(/\p{Surrogate}|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, sign => signs[sign] ?? sign)
