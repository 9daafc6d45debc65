/**
 * The pairs of keys that the lab's S3 takes for an environment's buckets, and what each may do: as
 * an owner has them issued and revoked elsewhere.
 */

import type { Environment } from '../../../lib/inventory/inventory.ts'
import { labPath } from '../../../lib/inventory/lab-home.ts'
import { writeLabFile } from '../../../lib/inventory/lab-state.ts'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import { generatePassword } from '../../../lib/secrets/password.ts'
import { initStore, type Store } from '../../../lib/secrets/store.ts'
import { nameBackupKeys, nameBucketKeys } from '../../../playbooks/deploy/secrets.ts'

type Entry = Pick<Environment, 'name' | 'vars'>
type Pair = ReturnType<typeof nameBucketKeys>

/** By bucket, prefixes of objects that each verb may touch; an empty one is the whole bucket. */
type Grants = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** A bucket that tests make and remove with the keys of the assets. */
const TRIED = 'brd-data-test'

/** What each pair may do, by the names of its keys in the store. */
const listPairs = (
  entry: Entry,
): readonly { readonly pair: Pair; readonly grants: Grants; readonly rotates: boolean }[] => {
  const { bucket, backups } = entry.vars
  const grant = (...verbs: readonly string[]) =>
    Object.fromEntries(verbs.map(verb => [verb, ['']] as const))
  const all = grant('get', 'put', 'list', 'delete')
  return [
    {
      pair: nameBucketKeys(entry),
      rotates: true,
      grants: { [bucket.name]: all, [TRIED]: { ...all, ...grant('admin') } },
    },
    {
      pair: nameBackupKeys(entry, 'write'),
      rotates: true,
      // restic removes its own locks.
      grants: { [backups.bucket.name]: { ...grant('get', 'put', 'list'), delete: ['*/locks/'] } },
    },
    {
      pair: nameBackupKeys(entry, 'prune'),
      rotates: true,
      grants: { [backups.bucket.name]: all },
    },
    {
      pair: nameBackupKeys(entry, 'read'),
      rotates: false,
      grants: { [backups.bucket.name]: grant('get', 'list') },
    },
  ]
}

const openLabStore = (): Promise<Store> =>
  initStore({ path: labPath('secrets.age'), key: labPath('age.key') })

/**
 * Writes the keys that the server accepts, with their rights: the current ones, the next ones and,
 * unless they were revoked, the previous ones.
 */
export const writeKeys = async (store: Store, entry: Entry, revoked = false): Promise<void> => {
  const keys = []
  for (const { pair, grants } of listPairs(entry)) {
    await store.ensure(pair.accessKey)
    await store.ensure(pair.secretKey)
    for (const suffix of ['', '.next', ...(revoked ? [] : ['.previous'])]) {
      const names = [`${pair.accessKey}${suffix}`, `${pair.secretKey}${suffix}`] as const
      if (!names.every(name => store.has(name))) continue
      const [accessKey, secretKey] = names.map(name => store.get(name).reveal())
      keys.push({ accessKey, secretKey, grants })
    }
  }
  await writeLabFile(`s3/${entry.name}.keys`, `${JSON.stringify(keys)}\n`)
}

/**
 * A second pair of each kind that `rotate` takes is good for the environment's buckets, and in the
 * lab's store as the one to come.
 */
export const issueKeys = async (environment: string): Promise<void> => {
  const [store, entry] = [await openLabStore(), await findEntry(environment)]
  await store.change(({ secrets }) => {
    for (const { pair, rotates } of listPairs(entry))
      for (const name of rotates ? Object.values(pair) : [])
        secrets[`${name}.next`] ??= generatePassword()
  })
  await writeKeys(store, entry)
}

/** The pairs before are good no more. */
export const revokeKeys = async (environment: string): Promise<void> =>
  writeKeys(await openLabStore(), await findEntry(environment), true)

const findEntry = async (environment: string): Promise<Entry> => {
  const { environments } = await loadProject(findProject(import.meta.dirname))
  const entry = environments.get(environment)
  if (!entry) throw new Error(`${environment} has no bucket`)
  return entry
}
