import { change, operation, Unknown, unreadable } from '../operation.ts'
import { Secret } from '../secret.ts'
import { renewed, type Sh, sh } from '../sh.ts'
import { sha256 } from './file/content.ts'
import { printMark, writeMark } from './file/mark.ts'
import { errorCode, explainAnswer, needsCurl } from './s3/asking.ts'
import { bucket } from './s3/bucket.ts'
import { object } from './s3/object.ts'
import { refuses } from './s3/refuses.ts'
import { type BucketAccess, formatCurlConfig, type S3Request } from './s3/signed.ts'

export type Usable = BucketAccess & {
  /**
   * A keyed hash of the keys, which the host keeps as proof. Other keys are proven again.
   */
  readonly version: string
  /** Name of the object to put, read and delete. Default `brd-check`. */
  readonly object?: string
  /**
   * False: the keys have no right to delete, and it is proven that S3 refuses them that. The object
   * stays. Default true.
   */
  readonly deletes?: boolean
}

/**
 * The bucket can be used from this host with these keys. Each run lists it; the first run with
 * these keys also puts an object, reads it back and deletes it, or is refused that. A missing
 * bucket or refused keys are an error: `s3.bucket` creates buckets.
 */
const usable = operation('s3.usable', {
  name: ({ bucket, endpoint, deletes = true }: Usable) =>
    `${bucket} at ${endpoint}${deletes ? '' : ', without deleting'}`,
  probe: want =>
    renewed(
      () => sh`${needsCurl}
said=$(${printAnswer(sendRequest(want, listing))}) || said="curl $?"
printf '%s\n' "$said"
${printMark(locateProof(want), 'absent')}`,
    ),
  read: out => {
    const [answer = '', proof = ''] = out.stdout.toString().trim().split('\n')
    return out.exitCode === 0 && proof !== ''
      ? { answer, proof }
      : unreadable(out, 'the bucket cannot be read')
  },
  plan: ({ answer, proof }, want) => {
    if (answer !== '200') return new Unknown(explainAnswer(answer, want))
    const diff =
      proof === want.version
        ? []
        : [
            {
              key: want.deletes === false ? 'put, get, no delete' : 'put, get, delete',
              before: 'not proven with these keys',
              after: want.deletes === false ? 'shown' : 'work',
            },
          ]
    const make = () => ({ apply: prove(want), stdin: encodeRequests(want) })
    return change(diff, make().apply, { stdin: make().stdin, renew: make, seconds: 120 })
  },
  probeSeconds: 25,
})

/** S3: buckets with their settings, objects, and proof that a host can use a bucket. */
export const s3 = {
  /** The bucket can be used from this host with these keys. */
  usable,
  /**
   * It was shown from this host that the server does not know these keys any more: their owner has
   * revoked them.
   */
  refuses,
  /** A bucket exists with this versioning, policy, CORS and lifecycle rules. */
  bucket,
  /** An object of a bucket has exactly this content. */
  object,
}

const folder = '/var/lib/brd/s3'
/** Two servers may have a bucket of one name, and a bucket may have several pairs of keys. */
const locateProof = ({ bucket, endpoint, object = '' }: Usable): string =>
  `${folder}/${bucket}.${sha256(`${endpoint} ${object}`).slice(0, 12)}`

const listing: S3Request = {
  method: 'GET',
  query: [
    ['list-type', '2'],
    ['max-keys', '1'],
  ],
}

const sendRequest = (want: Usable, asked: S3Request): Sh =>
  sh`printf '%s' ${formatCurlConfig(want, asked)} |
  curl --silent --max-time 15 --config - --write-out '\n%{http_code}\n'`

/** Prints the status and S3's error code. */
const printAnswer = (request: Sh): Sh =>
  sh`answer=$(${request}) || exit
status=$(printf '%s\n' "$answer" | tail -n 1)
code=$(printf '%s' "$answer" | ${errorCode})
echo "$status\${code:+ $code}"`

const text = 'brd: put, read, deleted'
const listSteps = (want: Usable): readonly S3Request[] => {
  const object = want.object ?? 'brd-check'
  return [
    { method: 'PUT', object, body: text },
    { method: 'GET', object },
    { method: 'DELETE', object },
  ]
}

// One line of base64 for each request.
const encodeRequests = (want: Usable): Secret =>
  new Secret(
    `${listSteps(want)
      .map(asked => Buffer.from(formatCurlConfig(want, asked)).toString('base64'))
      .join('\n')}\n`,
    'signed requests',
  )

const sayAnswer = sh`code=$(printf '%s' "$answer" | ${errorCode})
      echo "$method was answered with $status: $code" >&2
      exit 1`
const refuseDelete = sh`echo 'the keys delete objects: they must have no right to' >&2
      exit 1`

const prove = (want: Usable): Sh => sh`for method in PUT GET DELETE; do
  read -r line || exit
  answer=$(printf '%s' "$line" | base64 -d | curl --silent --show-error --max-time 30 --config - \
    --write-out '\n%{http_code}') || { echo "$method: curl ends with $?" >&2; exit 1; }
  status=$(printf '%s\n' "$answer" | tail -n 1)
  case $method$status in
    DELETE2??) ${want.deletes === false ? refuseDelete : sh`:`} ;;
    DELETE403) ${want.deletes === false ? sh`:` : sayAnswer} ;;
    *2??) ;;
    *) ${sayAnswer} ;;
  esac
  [ $method != GET ] || [ "$(printf '%s\n' "$answer" | sed '$d')" = ${text} ] || {
    echo 'the object that was read is not the one that was put' >&2
    exit 1
  }
done
${writeMark(locateProof(want), sh`${want.version}`)}`
