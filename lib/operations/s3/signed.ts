import { createHash, createHmac } from 'node:crypto'
import type { Secret } from '../../secret.ts'

/** A bucket, and the keys to use it with. */
export type BucketAccess = {
  /** Address of the S3 server. */
  readonly endpoint: string
  /** Its region, which is part of the signature. */
  readonly region: string
  /** The bucket's name. */
  readonly bucket: string
  /** Identifies the account. Each request contains it in clear, so a probe does too. */
  readonly accessKey: Secret
  /** Signs the requests. It never leaves the controller. */
  readonly secretKey: Secret
}

export type S3Request = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  /** Name of the object. Default: the bucket itself. */
  readonly object?: string
  /** Parameters, in any order. */
  readonly query?: readonly (readonly [string, string])[]
  /** What to send. Its hash is signed, so S3 accepts it completely or not at all. */
  readonly body?: string | Buffer
  /** Further headers, by lower-case names. All are signed. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Signs a request: returns its URL and headers, by AWS's version 4, with the path style that every
 * S3 server supports. Valid for 15 minutes. The secret key is not part of it.
 */
export const signRequest = (
  place: BucketAccess,
  { method, object, query = [], body = '', headers = {} }: S3Request,
  at: Date,
): { url: string; headers: string[] } => {
  const { endpoint, region, bucket, accessKey, secretKey } = place
  const base = new URL(endpoint)
  const parts = [bucket, ...(object === undefined ? [] : object.split('/'))]
  const path = `${base.pathname.replace(/\/$/, '')}/${parts.map(encodePath).join('/')}`
  const asked = query
    .map(pair => pair.map(encodePath) as [string, string])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(pair => pair.join('='))
    .join('&')
  const now = `${at.toISOString().replace(/[-:]|\.\d+/g, '')}`
  const hash = hashSha256(body)
  const all = Object.entries({
    ...headers,
    host: base.host,
    'x-amz-content-sha256': hash,
    'x-amz-date': now,
  }).sort(([a], [b]) => (a < b ? -1 : 1))
  const names = all.map(([name]) => name).join(';')
  const canonical = [
    method,
    path,
    asked,
    ...all.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    names,
    hash,
  ].join('\n')
  const scope = [now.slice(0, 8), region, 's3', 'aws4_request']
  const text = ['AWS4-HMAC-SHA256', now, scope.join('/'), hashSha256(canonical)].join('\n')
  const key = scope.reduce<Buffer>(
    (from, part) => computeHmac(from, part),
    Buffer.from(`AWS4${secretKey.reveal()}`),
  )
  const credential = `${accessKey.reveal()}/${scope.join('/')}`
  return {
    url: `${base.origin}${path}${asked === '' ? '' : `?${asked}`}`,
    headers: [
      ...all.filter(([name]) => name !== 'host').map(([name, value]) => `${name}: ${value}`),
      [
        `Authorization: AWS4-HMAC-SHA256 Credential=${credential}`,
        `SignedHeaders=${names}`,
        `Signature=${computeHmac(key, text).toString('hex')}`,
      ].join(', '),
    ],
  }
}

/**
 * Writes a request as curl's configuration, for its stdin, so that nothing of it is in argv. It
 * contains a text body; bytes are sent separately.
 */
export const formatCurlConfig = (want: BucketAccess, asked: S3Request, at = new Date()): string => {
  const { url, headers } = signRequest(want, asked, at)
  return [
    `url = "${url}"`,
    'path-as-is', // a name with dots, such as `a/../b`, is sent as it is signed
    asked.method === 'HEAD' ? 'head' : `request = "${asked.method}"`,
    ...headers.map(header => `header = ${quoteValue(header)}`),
    ...(typeof asked.body === 'string' ? [`data-binary = ${quoteValue(asked.body)}`] : []),
    ...(asked.body === undefined || asked.headers?.['content-type']
      ? []
      : ['header = "Content-Type: application/octet-stream"']),
    '',
  ].join('\n')
}

/** Quotes a value for curl's configuration. */
const quoteValue = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`

const hashSha256 = (text: string | Buffer): string =>
  createHash('sha256').update(text).digest('hex')
const computeHmac = (key: Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** Encodes as AWS does: everything except letters, digits and four signs. */
const encodePath = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
