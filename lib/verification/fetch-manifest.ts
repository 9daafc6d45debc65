import { type BucketAccess, signRequest } from '../operations/s3/signed.ts'
import type { SealedManifest } from './read-manifest.ts'

/** How long the bucket may take to answer, in milliseconds. */
const LONGEST = 60_000

/**
 * Fetches the manifest of a full backup and its signature from a folder of a bucket, which ends
 * with a slash. Null if the bucket has no such manifest. Rejects if the bucket cannot be asked.
 */
export const fetchManifest = async (
  bucket: BucketAccess,
  folder: string,
  backup: string,
): Promise<SealedManifest | null> => {
  const encrypted = await get(bucket, `${folder}${backup}.json.enc`)
  const signature = encrypted && (await get(bucket, `${folder}${backup}.json.sig`))
  return encrypted && signature && { encrypted, signature }
}

const get = async (bucket: BucketAccess, object: string): Promise<Buffer | null> => {
  const { url, headers } = signRequest(bucket, { method: 'GET', object }, new Date())
  const answer = await fetch(url, {
    headers: headers.map(line => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
    signal: AbortSignal.timeout(LONGEST),
  }).catch(cause => {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
    throw new Error(`${bucket.endpoint} does not answer: ${why.message}`, { cause })
  })
  const body = Buffer.from(await answer.arrayBuffer())
  if (answer.status === 404 && body.includes('NoSuchKey')) return null
  if (answer.ok) return body
  const [, code] = /<Code>(\w+)<\/Code>/.exec(body.toString()) ?? []
  throw new Error(`${object}: the bucket answers ${answer.status} ${code ?? ''}`.trimEnd())
}
