import { createHash, createHmac } from 'node:crypto'
import type { Secret } from '../../secret.ts'

/** A bucket, and who asks for it. */
export type Place = {
  /** Address of the S3 server. */
  readonly endpoint: string
  /** Its region: part of what is signed. */
  readonly region: string
  /** The bucket's name. */
  readonly bucket: string
  /** Says who asks. S3 sends it in clear with each request, so it stands in a probe. */
  readonly accessKey: Secret
  /** Signs, and leaves this machine for no request. */
  readonly secretKey: Secret
}

export type Asked = {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** Name of the object. Default: the bucket itself. */
  readonly object?: string
  /** Parameters, in the order of their names. */
  readonly query?: readonly (readonly [string, string])[]
  readonly body?: string
}

/** A request's URL, and the headers that sign it: AWS's version 4, with the path style that every S3 server knows. Good for 15 minutes. The secret key is not in it. */
export const signed = (place: Place, { method, object, query = [], body = '' }: Asked, at: Date): { url: string; headers: string[] } => {
  const { endpoint, region, bucket, accessKey, secretKey } = place
  const base = new URL(endpoint)
  const path = `${base.pathname.replace(/\/$/, '')}/${[bucket, ...(object === undefined ? [] : object.split('/'))].map(encodeURIComponent).join('/')}`
  const asked = query.map(pair => pair.map(encodeURIComponent).join('=')).join('&')
  const now = `${at.toISOString().replace(/[-:]|\.\d+/g, '')}`
  const hash = sha256(body)
  const names = 'host;x-amz-content-sha256;x-amz-date'
  const canonical = [method, path, asked, `host:${base.host}`, `x-amz-content-sha256:${hash}`, `x-amz-date:${now}`, '', names, hash].join(
    '\n',
  )
  const scope = [now.slice(0, 8), region, 's3', 'aws4_request']
  const text = ['AWS4-HMAC-SHA256', now, scope.join('/'), sha256(canonical)].join('\n')
  const key = scope.reduce<Buffer>((from, part) => hmac(from, part), Buffer.from(`AWS4${secretKey.reveal()}`))
  const credential = `${accessKey.reveal()}/${scope.join('/')}`
  return {
    url: `${base.origin}${path}${asked === '' ? '' : `?${asked}`}`,
    headers: [
      `x-amz-content-sha256: ${hash}`,
      `x-amz-date: ${now}`,
      `Authorization: AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${hmac(key, text).toString('hex')}`,
    ],
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
