import { operation } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { runOnce } from '../runOnce.ts'
import { type BucketAccess, formatCurlConfig } from './signed.ts'

export type Refuses = BucketAccess & {
  /** A keyed hash of the keys: other keys are tried again. */
  readonly version: string
  /** Time of the signature, which is valid for 15 minutes. Default: now. */
  readonly at?: Date
}

/** It was shown from this host that the bucket refuses these keys: their owner has revoked them. */
export const refuses = operation('s3.refuses', {
  from: (want: Refuses, meta) =>
    runOnce(
      {
        name: `${want.bucket} at ${want.endpoint} refuses the old keys`,
        version: want.version,
        run: sh`status=$(curl --silent --show-error --max-time 15 --output /dev/null \
  --write-out '%{http_code}' --config -) || exit
case $status in
  401 | 403) ;;
  2??)
    echo 'the old keys still open the bucket: revoke them at their issuer, then run this again' >&2
    exit 1 ;;
  *) echo "it answers $status" >&2; exit 1 ;;
esac`,
        stdin: new Secret(formatCurlConfig(want, listing, want.at), 'a signed request'),
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
