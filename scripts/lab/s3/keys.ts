/**
 * The pairs of keys that the lab's S3 takes for a bucket: as an owner has them issued and revoked
 * elsewhere.
 */

import { labPath } from '../../../lib/inventory/lab-home.ts'
import { writeLabFile } from '../../../lib/inventory/lab-state.ts'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import { generatePassword } from '../../../lib/secrets/password.ts'
import { initStore, type Store } from '../../../lib/secrets/store.ts'
import type { BucketSettings } from '../../../roles/environment/settings.ts'

/** Names of a bucket's keys in the store of secrets, as a deploy has them. */
export const nameKeys = (
  environment: string,
  { accessKey, secretKey }: Pick<BucketSettings, 'accessKey' | 'secretKey'>,
): readonly [string, string] => [
  accessKey ?? `${environment}/s3-access-key`,
  secretKey ?? `${environment}/s3-secret-key`,
]

const openLabStore = (): Promise<Store> =>
  initStore({ path: labPath('secrets.age'), key: labPath('age.key') })

/**
 * Writes the keys that the server accepts: the current ones, the next ones and, unless they were
 * revoked, the previous ones.
 */
export const writeKeys = async (
  store: Store,
  environment: string,
  bucket: BucketSettings,
  revoked = false,
): Promise<void> => {
  const [access, secret] = nameKeys(environment, bucket)
  await store.ensure(access)
  await store.ensure(secret)
  const pairs = ['', '.next', ...(revoked ? [] : ['.previous'])].flatMap(suffix =>
    store.has(`${access}${suffix}`) && store.has(`${secret}${suffix}`)
      ? [
          `"${store.get(`${access}${suffix}`).reveal()},${store.get(`${secret}${suffix}`).reveal()}"`,
        ]
      : [],
  )
  // A list of pairs in quotes, as rclone reads its settings.
  await writeLabFile(`s3/${environment}.keys`, `${pairs.join(',')}\n`)
}

/**
 * A second pair is good for the environment's bucket, and in the lab's store as the one to come.
 */
export const issueKeys = async (environment: string): Promise<void> => {
  const [store, bucket] = [await openLabStore(), await findBucket(environment)]
  await store.change(({ secrets }) => {
    for (const name of nameKeys(environment, bucket)) secrets[`${name}.next`] ??= generatePassword()
  })
  await writeKeys(store, environment, bucket)
}

/** The pair before is good no more. */
export const revokeKeys = async (environment: string): Promise<void> =>
  writeKeys(await openLabStore(), environment, await findBucket(environment), true)

const findBucket = async (environment: string): Promise<BucketSettings> => {
  const bucket = (await loadProject(findProject(import.meta.dirname))).environments.get(environment)
    ?.vars.bucket
  if (!bucket) throw new Error(`${environment} has no bucket`)
  return bucket
}
