import { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { type BucketAccess, formatCurlConfig, type S3Request } from './signed.ts'

/** Ends a probe with exit 3 if curl is missing. */
export const needsCurl: Sh = sh`command -v curl >/dev/null || {
  echo 'curl is not installed' >&2
  exit 3
}`

/** A filter that prints S3's error code in an answer. */
export const errorCode: Sh = sh`sed -n 's/.*<Code>\([A-Za-z]*\)<.*/\1/p'`

/**
 * Defines `ask NAME`, which sends the request whose configuration is on its stdin. It prints a line
 * with the name, the status or `curlCODE`, and the answer in base64; for an error only S3's code,
 * since the rest differs each time.
 */
export const defineAsk: Sh = sh`${needsCurl}
ask() {
  answer=$(curl --silent --max-time 15 --config - --write-out '\n%{http_code}') || {
    echo "$1 curl$?"
    return
  }
  status=$(printf '%s\n' "$answer" | tail -n 1)
  case $status in
    200) said=$(printf '%s\n' "$answer" | sed '$d' | base64 | tr -d '\n') ;;
    *) said=$(printf '%s' "$answer" | ${errorCode}) ;;
  esac
  echo "$1 $status $said"
}`

/** Sends a request under that name. */
export const sendNamed = (name: string, place: BucketAccess, asked: S3Request): Sh =>
  sh`printf '%s' ${formatCurlConfig(place, asked)} | ask ${name}`

/** An answer: the status or curl's exit code, and its text or S3's error code. */
export type S3Answer = { readonly status: string; readonly text: string; readonly code: string }

/** Reads what `ask` printed, by name. */
export const readAnswers = (stdout: Buffer): ReadonlyMap<string, S3Answer> =>
  new Map(
    stdout
      .toString()
      .split('\n')
      .flatMap(line => {
        const [name, status, said = ''] = line.split(' ')
        if (!name || !status) return []
        return [
          [
            name,
            status === '200'
              ? { status, text: Buffer.from(said, 'base64').toString(), code: '' }
              : { status, text: '', code: said },
          ] as const,
        ]
      }),
  )

/** Sends requests one after another, each a line of base64. All answers must be 2xx. */
export const sendAll = (
  place: BucketAccess,
  all: readonly (readonly [name: string, asked: S3Request])[],
): { apply: Sh; stdin: Secret } => ({
  apply: sh`for name in ${all.map(([name]) => name)}; do
  read -r line || exit
  answer=$(printf '%s' "$line" | base64 -d | curl --silent --show-error --max-time 60 --config - \
    --write-out '\n%{http_code}') || { echo "$name: curl ends with $?" >&2; exit 1; }
  status=$(printf '%s\n' "$answer" | tail -n 1)
  case $status in 2??) ;; *)
    echo "$name was answered with $status: $(printf '%s' "$answer" | ${errorCode})" >&2
    exit 1 ;;
  esac
done`,
  stdin: new Secret(
    all
      .map(([, asked]) => `${Buffer.from(formatCurlConfig(place, asked)).toString('base64')}\n`)
      .join(''),
    'signed requests',
  ),
})

/**
 * Explains an answer, such as `404 NoSuchBucket`, `403 SignatureDoesNotMatch` or curl's exit code.
 */
export const explainAnswer = (
  answer: string,
  { bucket, endpoint, accessKey, secretKey }: BucketAccess,
): string => {
  const keys = `${accessKey.name} and ${secretKey.name}`
  if (/^(404|.*NoSuchBucket)/.test(answer))
    return [
      `there is no bucket ${bucket} at ${endpoint}:`,
      'create it, or correct its name in hosts.yaml',
    ].join(' ')
  if (/RequestTimeTooSkewed/.test(answer))
    return [
      `${endpoint} rejects the request as too old: it was signed more than 15 minutes ago,`,
      'or the clocks of this machine and the server differ; run it again',
    ].join(' ')
  if (/^40[13]/.test(answer))
    return [
      `${endpoint} refuses ${keys} for the bucket ${bucket} (${answer}):`,
      'set the right ones with scripts/secrets.ts set',
    ].join(' ')
  const codes: Readonly<Record<string, string>> = {
    6: 'its name does not resolve',
    7: 'no connection',
    28: 'no answer in time',
    60: 'its certificate is not trusted',
  }
  const curl = /^curl ?(\d+)$/.exec(answer)?.[1]
  const reason = curl ? (codes[curl] ?? `curl ends with ${curl}`) : `it answers ${answer}`
  return `${endpoint} cannot be used from this host: ${reason}`
}
