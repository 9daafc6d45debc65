/** The two buckets of an environment of hosts.yaml: of its assets, and of its backups. */
import { InputError } from '../../lib/errors/input-error.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import type { Bucket } from '../../roles/environment/options.ts'

/** AWS, unless hosts.yaml says otherwise; in the lab the lab's own server. */
export const findBucket = (
  { name, vars: { bucket } }: Pick<Entry, 'name' | 'vars'>,
  lab: LabState | null,
): Bucket => {
  const own = lab?.s3?.environments[name]
  if (lab && !own)
    throw new InputError({
      place: name,
      message: 'the lab has no S3 server for it',
      next: 'Raise it again: npx zx scripts/lab.ts up',
    })
  return {
    name: bucket.name,
    region: bucket.region,
    endpoint: own?.endpoint ?? bucket.endpoint ?? `https://s3.${bucket.region}.amazonaws.com`,
  }
}

/** On the server of the assets unless hosts.yaml says otherwise, and never in their bucket. */
export const findBackupBucket = (
  entry: Pick<Entry, 'name' | 'vars'>,
  lab: LabState | null,
): Bucket => {
  const assets = findBucket(entry, lab)
  const { name, region, endpoint } = entry.vars.backups.bucket
  const found = {
    name,
    region: region ?? assets.region,
    endpoint: lab ? assets.endpoint : (endpoint ?? assets.endpoint),
  }
  if (found.name === assets.name && found.endpoint === assets.endpoint)
    throw new InputError({
      place: 'hosts.yaml',
      message: `environments.${entry.name}: backups.bucket.name is that of the assets' bucket`,
      next: "Give the backups a bucket that the application's keys do not open.",
    })
  return found
}
