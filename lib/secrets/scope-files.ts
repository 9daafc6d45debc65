import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { followLink } from '../disk/follow-link.ts'
import { withLock } from '../disk/lock.ts'
import { type FileChange, finishWriting, writeAll } from '../disk/write-all.ts'
import type { AgeKey } from './key.ts'
import { formatScopeList, makeScope } from './scope.ts'
import { readSealedScope, type StoreContents, seal } from './sealed.ts'

const locateFolder = async (store: string): Promise<string> =>
  join(dirname(await followLink(store)), 'scopes')

/** The encrypted file of a scope of the store, and the list beside it. */
export const locateScope = async (
  store: string,
  name: string,
): Promise<{ readonly sealed: string; readonly list: string }> => {
  const folder = await locateFolder(store)
  return { sealed: join(folder, `${name}.age`), list: join(folder, `${name}.yaml`) }
}

/** Lists the scopes that have a file beside the store. */
export const listScopeFiles = async (store: string): Promise<string[]> => {
  const names = await readdir(await locateFolder(store)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .flatMap(name => (name.endsWith('.age') ? [name.slice(0, -'.age'.length)] : []))
    .sort()
}

const locateJournal = async (store: string): Promise<string> => `${await followLink(store)}.journal`

/**
 * Runs the work while no other process changes the store or its scopes. A change that a crash
 * interrupted is completed first.
 */
export const lockStore = async <T>(store: string, work: () => Promise<T>): Promise<T> =>
  withLock(`${await followLink(store)}.lock`, async () => {
    await finishWriting(await locateJournal(store))
    return work()
  })

/** Completes a change of the store and its scopes that a crash interrupted. */
export const finishChange = async (store: string): Promise<void> => {
  if (existsSync(await locateJournal(store))) await lockStore(store, async () => {})
}

/** A store before and after a change, and the key that opens it. */
export type StoreChange = {
  readonly path: string
  readonly key: AgeKey
  readonly before: StoreContents
  readonly after: StoreContents
}

/**
 * Writes what differs: the store, and each scope that is not what the store says. All files, or
 * none. The caller has locked the store.
 */
export const writeChange = async ({ path, key, before, after }: StoreChange): Promise<void> => {
  const files: FileChange[] = []
  const put = (place: string, content: string | null) =>
    files.push({ path: place, content, mode: 0o644 })
  if (!isDeepStrictEqual(before, after)) put(await followLink(path), await seal(after))
  for (const name of Object.keys(after.scopes ?? {})) {
    const [want, at] = [makeScope(after, name), await locateScope(path, name)]
    if ((await findStale(at.sealed, want, key)) !== null) put(at.sealed, await seal(want))
    if ((await readList(at.list)) !== formatScopeList(want)) put(at.list, formatScopeList(want))
  }
  for (const name of Object.keys(before.scopes ?? {}))
    if (!Object.hasOwn(after.scopes ?? {}, name)) {
      const at = await locateScope(path, name)
      put(at.sealed, null)
      put(at.list, null)
    }
  if (files.length > 0) await writeAll(await locateJournal(path), files)
}

/** Reads the list beside a scope; null if it is missing. */
export const readList = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })

/** Says why a scope's file is not what it must be; null if it is. */
export const findStale = async (
  path: string,
  want: ReturnType<typeof makeScope>,
  key: AgeKey,
): Promise<string | null> => {
  const now = await readSealedScope(path, want.scope, key).catch((error: Error) => error)
  if (now === null) return 'its file is missing'
  if (now instanceof Error) return now.message
  if (isDeepStrictEqual(now, want)) return null
  const names = new Set([...Object.keys(now.secrets), ...Object.keys(want.secrets)])
  const stale = [...names].filter(name => now.secrets[name] !== want.secrets[name]).sort()
  return stale.length > 0
    ? `has an old copy of ${stale.join(', ')}`
    : 'has another list of recipients or secrets than the store'
}
