/** Escapes text for XML 1.0. It cannot contain control characters: they become U+FFFD. */
export const escapeXml = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g, '\ufffd')
    .replace(/[<>&"\n\t\r]/g, c => `&#${c.charCodeAt(0)};`)
