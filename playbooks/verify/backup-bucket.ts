/** The bucket of an environment's backups. */
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import type { Bucket } from '../../roles/environment/options.ts'

/** On the server of the assets, unless hosts.yaml says otherwise; in the lab on the lab's own. */
export const findBackupBucket = (
  { name, vars: { bucket, backups } }: Entry,
  lab: LabState | null,
): Bucket => {
  const region = backups.bucket.region ?? bucket.region
  return {
    name: backups.bucket.name,
    region,
    endpoint:
      lab?.s3?.environments[name]?.endpoint ??
      backups.bucket.endpoint ??
      bucket.endpoint ??
      `https://s3.${region}.amazonaws.com`,
  }
}
