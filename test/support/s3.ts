import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BucketAccess, type S3Request, signRequest } from '../../lib/operations/s3/signed.ts'
import { Secret } from '../../lib/secret.ts'

type Kept = { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }

/**
 * An S3 server in this process that keeps whatever is put and checks each signature, MD5 and hash.
 */
export type FakeS3 = {
  readonly place: Omit<BucketAccess, 'bucket'>
  /** What is kept, by path: `/bucket`, `/bucket?cors=`, `/bucket/key`. */
  readonly kept: Map<string, Kept>
  readonly end: () => void
}

export const startFakeS3 = async (): Promise<FakeS3> => {
  const kept: FakeS3['kept'] = new Map()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => answer(place, kept, request, Buffer.concat(chunks), response))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const place = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    accessKey: new Secret('AKIA', 'access'),
    secretKey: new Secret('hunter2', 'secret'),
  }
  return {
    place,
    kept,
    end: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const none: Readonly<Record<string, string>> = {
  policy: 'NoSuchBucketPolicy',
  cors: 'NoSuchCORSConfiguration',
  lifecycle: 'NoSuchLifecycleConfiguration',
}

const answer = (
  place: FakeS3['place'],
  kept: FakeS3['kept'],
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
) => {
  const end = (status: number, text: string | Buffer = '', headers = {}) =>
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : text)
  const refuse = (status: number, code: string) =>
    end(
      status,
      `<?xml version="1.0"?>\n<Error><Code>${code}</Code><RequestId>${randomUUID()}</RequestId></Error>`,
    )
  const { pathname, searchParams } = new URL(request.url ?? '', place.endpoint)
  const [, bucket = '', ...key] = pathname.split('/').map(decodeURIComponent)
  const wrong = faults(place, bucket, key, request, searchParams, body)
  if (wrong) return refuse(403, wrong)
  const part = [...searchParams.keys()][0]
  const path = request.url ?? ''
  if (request.method === 'PUT') {
    kept.set(path, { body, headers: request.headers as Record<string, string> })
    return end(200)
  }
  if (!kept.has(`/${bucket}`)) return refuse(404, 'NoSuchBucket')
  if (request.method === 'DELETE') {
    kept.delete(path)
    return end(204)
  }
  if (part === 'location' || part === 'list-type') return end(200, '<?xml version="1.0"?>\n<Any/>')
  const found = kept.get(path)
  if (!found)
    return part === 'versioning'
      ? end(200, '<VersioningConfiguration xmlns="x"/>')
      : refuse(404, none[part ?? ''] ?? 'NoSuchKey')
  end(200, found.body, {
    ETag: `"${createHash('md5').update(found.body).digest('hex')}"`,
    'Content-Type': found.headers['content-type'] ?? 'text/plain',
    ...(found.headers['x-amz-meta-brd-sha256']
      ? { 'X-Amz-Meta-Brd-Sha256': found.headers['x-amz-meta-brd-sha256'] }
      : {}),
  })
}

/** The signature is made again from what has arrived. */
const faults = (
  place: FakeS3['place'],
  bucket: string,
  key: readonly string[],
  request: IncomingMessage,
  query: URLSearchParams,
  body: Buffer,
): string | null => {
  const header = (name: string) => String(request.headers[name] ?? '')
  const names = /SignedHeaders=([^,]+)/.exec(header('authorization'))?.[1]?.split(';') ?? []
  const at = new Date(
    header('x-amz-date').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'),
  )
  const further = names.filter(
    name => !['host', 'x-amz-date', 'x-amz-content-sha256'].includes(name),
  )
  const asked: S3Request = {
    method: request.method as S3Request['method'],
    ...(key.length > 0 ? { object: key.join('/') } : {}),
    query: [...query],
    body,
    headers: Object.fromEntries(further.map(name => [name, header(name)])),
  }
  const again = signRequest({ ...place, bucket }, asked, at).headers.at(-1)
  if (`Authorization: ${header('authorization')}` !== again) return 'SignatureDoesNotMatch'
  const md5 = header('content-md5')
  return md5 && md5 !== createHash('md5').update(body).digest('base64') ? 'BadDigest' : null
}
