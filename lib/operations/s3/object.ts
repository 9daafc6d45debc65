import { createHash } from 'node:crypto'
import { OptionError } from '../../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { renewed, sh } from '../../sh.ts'
import { defineAsk, errorCode, explainAnswer, readAnswers, sendNamed } from './asking.ts'
import { type BucketAccess, formatCurlConfig, type S3Request } from './signed.ts'

export type S3Object = BucketAccess &
  Kept & {
    /** Its name in the bucket. */
    readonly key: string
  }
type Kept =
  | {
      /** Its content, 100 MB at most. A Secret is compared by its hash and never shown. */
      readonly content: string | Buffer | Secret
      readonly state?: 'present'
      /** Its media type. Default application/octet-stream. */
      readonly type?: string
    }
  | {
      /** Deletes it. Its old versions in the bucket stay. */
      readonly state: 'absent'
      readonly content?: never
      readonly type?: never
    }
type Now = { readonly md5: string; readonly sha256: string; readonly type: string }

const metadata = 'x-amz-meta-brd-sha256'
const listing: S3Request = {
  method: 'GET',
  query: [
    ['list-type', '2'],
    ['max-keys', '1'],
  ],
}

/**
 * An object of a bucket has exactly this content. It is replaced in one step: S3 checks what
 * arrives against the signed hash.
 */
export const object = operation('s3.object', {
  check: (want: S3Object) => {
    if (want.key === '' || want.key.startsWith('/') || /[\0\n]/.test(want.key))
      throw new OptionError({
        message: `${JSON.stringify(want.key)} is not an object's name`,
        next: 'use one line that does not begin with a slash',
      })
    if (want.content !== undefined && readBytes(want.content).length > 100e6)
      throw new OptionError({
        message: `the content of ${want.key} has more than 100 MB`,
        next: 'upload it with another tool',
      })
  },
  name: ({ key, bucket, endpoint }: S3Object) => `${key} in ${bucket} at ${endpoint}`,
  // The answer to HEAD has no text, so it cannot tell a missing bucket from a missing object. The
  // probe leaves out what differs in each answer.
  probe: want =>
    renewed(
      () => sh`${defineAsk}
${sendNamed('bucket', want, listing)} | sed 's/^\(bucket 200\).*/\1/'
answer=$(printf '%s' ${formatCurlConfig(want, { method: 'HEAD', object: want.key })} |
  curl --silent --max-time 15 --config - --write-out '\n%{http_code}') || answer="curl$?"
printf 'object %s\n' "$(printf '%s\n' "$answer" | tail -n 1)"
printf '%s\n' "$answer" | tr -d '\r' | tr 'A-Z' 'a-z' |
  grep -E '^(etag|content-type|x-amz-meta-brd-sha256):' || :`,
    ),
  read: (out, want): Now | null | Unknown => {
    const said = readAnswers(out.stdout)
    const [bucket, object] = [said.get('bucket'), said.get('object')?.status]
    if (out.exitCode !== 0 || !bucket || !object)
      return unreadable(out, 'the object cannot be read')
    if (bucket.code === 'NoSuchBucket' && want.state === 'absent') return null
    if (bucket.status !== '200')
      return new Unknown(explainAnswer(`${bucket.status} ${bucket.code}`.trim(), want))
    if (object === '404') return null
    if (object !== '200') return new Unknown(`${want.endpoint} answers ${object} for ${want.key}`)
    const header = (name: string) =>
      new RegExp(`^${name}: *(.*)$`, 'm').exec(out.stdout.toString())?.[1]?.trim() ?? ''
    return {
      md5: header('etag').replaceAll('"', ''),
      sha256: header(metadata),
      type: header('content-type'),
    }
  },
  plan: (now, want) => {
    if (want.state === 'absent') return planRemoval(now, want)
    const content = readBytes(want.content)
    const { type = 'application/octet-stream' } = want
    const same =
      now !== null && (now.md5 === hash('md5', content) || now.sha256 === hash('sha256', content))
    const diff = [
      ...(same
        ? []
        : [
            {
              key: 'content',
              before: now && 'another',
              after:
                want.content instanceof Secret
                  ? want.content.toString()
                  : `${content.length} bytes, sha256 ${hash('sha256', content).slice(0, 12)}`,
            },
          ]),
      // It was read in small letters, which mean the same.
      ...differences(now && { type: now.type === type.toLowerCase() ? type : now.type }, { type }),
    ]
    const asked: S3Request = {
      method: 'PUT',
      object: want.key,
      body: content,
      headers: { 'content-type': type, [metadata]: hash('sha256', content) },
    }
    const make = () => ({ apply: sending, stdin: [signLine(want, asked), want.content] })
    return change(diff, sending, { ...make(), renew: make, seconds: 300 })
  },
  probeSeconds: 40,
})

const planRemoval = (now: Now | null, want: S3Object) => {
  const make = () => ({
    apply: sending,
    stdin: [signLine(want, { method: 'DELETE', object: want.key })],
  })
  return change(differences({ object: now && want.key }, { object: null }), sending, {
    ...make(),
    renew: make,
  })
}

const readBytes = (content: string | Buffer | Secret): Buffer =>
  Buffer.from(content instanceof Secret ? content.reveal() : content)
const hash = (kind: 'md5' | 'sha256', data: Buffer): string =>
  createHash(kind).update(data).digest('hex')

/** Writes the signed request as a line of base64, to precede its body. */
const signLine = (want: S3Object, asked: S3Request): Secret =>
  new Secret(
    `${Buffer.from(formatCurlConfig(want, asked)).toString('base64')}\n`,
    'a signed request',
  )

const sending = sh`read -r line || exit
exec 4<&0
answer=$(printf '%s' "$line" | base64 -d | curl --silent --show-error --max-time 240 --config - \
  --data-binary @/dev/fd/4 --write-out '\n%{http_code}') || {
  echo "curl ends with $?" >&2
  exit 1
}
status=$(printf '%s\n' "$answer" | tail -n 1)
case $status in 2??) ;; *)
  echo "it was answered with $status: $(printf '%s' "$answer" | ${errorCode})" >&2
  exit 1 ;;
esac`
