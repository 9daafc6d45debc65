import { operation } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { runOnce } from '../runOnce.ts'
import { errorCode } from './asking.ts'
import { type BucketAccess, formatCurlConfig } from './signed.ts'

export type Refuses = BucketAccess & {
  /** A keyed hash of the keys: other keys are tried again. */
  readonly version: string
}

/**
 * It was shown from this host that the server does not know these keys any more: their owner has
 * revoked them. Only the answers that say so count: `InvalidAccessKeyId`, `InvalidToken`,
 * `ExpiredToken`, or `SignatureDoesNotMatch` for a secret key that was replaced. Other refusals,
 * such as a clock that differs, a policy or a missing bucket, show nothing: they are an error.
 */
export const refuses = operation('s3.refuses', {
  from: (want: Refuses, meta) =>
    runOnce(
      {
        name: `${want.bucket} at ${want.endpoint} refuses ${want.accessKey.name}`,
        version: want.version,
        run: sh`answer=$(curl --silent --show-error --max-time 15 --write-out '\n%{http_code}' \
  --config -) || exit
status=$(printf '%s\n' "$answer" | tail -n 1)
code=$(printf '%s' "$answer" | ${errorCode})
case $status.$code in
  40[013].InvalidAccessKeyId | 40[013].InvalidToken | 40[013].ExpiredToken) ;;
  403.SignatureDoesNotMatch) ;;
  2??.*)
    echo 'the old keys still open the bucket: revoke them at their issuer, then run this again' >&2
    exit 1 ;;
  *.RequestTimeTooSkewed)
    echo 'the clocks of this machine and of the S3 server differ by more than 15 minutes:' \
      "correct them, then run this again ($status $code)" >&2
    exit 1 ;;
  *)
    echo "it answers $status $code, which does not say that the keys are revoked:" \
      'run this again once it answers' >&2
    exit 1 ;;
esac`,
        stdin: () => new Secret(formatCurlConfig(want, listing), 'a signed request'),
      },
      meta,
    ),
})

const listing = {
  method: 'GET',
  query: [
    ['list-type', '2'],
    ['max-keys', '1'],
  ],
} as const
