/** A piece of HTML. Only `html` and `trustHtml` create it, so every text of a run is escaped. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A value in a piece. Texts and numbers are escaped, a list is joined, null renders nothing. */
export type Piece = string | number | Html | null | readonly Piece[]

/** Creates a piece of HTML and escapes its values, in text and in double-quoted attributes. */
export const html = (parts: TemplateStringsArray, ...values: readonly Piece[]): Html =>
  new Html(
    parts
      .map((part, i) => part + (i < values.length ? renderPiece(values[i] as Piece) : ''))
      .join(''),
  )

/** Marks a text of this program as HTML, without escaping. */
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

/** Escapes a text. Characters that HTML cannot contain become U+FFFD. */
const escapeHtml = (text: string): string =>
  text
    .replace(/\p{Surrogate}|[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, sign => signs[sign] ?? sign)
