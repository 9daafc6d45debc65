import { makeSafe } from '../../report/sanitize.ts'
import { wrapText } from '../../report/style.ts'

/** A mail in plain text. */
export type Mail = {
  /** Addresses, or users of this machine. */
  readonly to: readonly string[]
  /** Default: what sendmail makes of the user. */
  readonly from?: string
  readonly subject: string
  readonly body: string
  readonly date: Date
}

const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~][\w.!#$%&'*+/=?^`{|}~-]*(?:@[A-Za-z0-9][A-Za-z0-9.-]*)?$/

/**
 * Renders a mail for sendmail, which finds its recipients in it. Nothing of the subject or the body
 * can become a header. Throws if an address is not one.
 */
export const renderMail = ({ to, from, subject, body, date }: Mail): string => {
  if (to.length === 0) throw new Error('the mail has no recipient')
  for (const address of [...to, ...(from === undefined ? [] : [from])])
    if (!ADDRESS.test(address)) throw new Error(`${JSON.stringify(address)} is not a mail address`)
  return [
    ...(from === undefined ? [] : [`From: ${from}`]),
    `To: ${to.join(',\n ')}`,
    `Subject: ${encodeSubject(subject)}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...wrapBody(makeSafe(body)),
    '',
  ].join('\n')
}

/** One line; as encoded words of 75 characters at most if it is not plain ASCII. */
const encodeSubject = (subject: string): string => {
  const line = makeSafe(subject).replace(/\s+/g, ' ').trim()
  if (/^[ -~]*$/.test(line) && line.length <= 200 && !line.includes('=?')) return line
  const words = Array.from(line).reduce<string[]>(
    ([last = '', ...before], sign) =>
      Buffer.byteLength(last + sign) > 45 ? [sign, last, ...before] : [last + sign, ...before],
    [],
  )
  return words
    .reverse()
    .map(word => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`)
    .join('\n ')
}

/** Words stay whole as long as a mail allows: 998 bytes a line. */
const wrapBody = (body: string): string[] =>
  wrapText(body.replace(/\r/g, ''), 76).flatMap(line => line.match(/.{1,240}/gsu) ?? [''])
