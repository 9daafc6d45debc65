import type { AgeKey } from './key.ts'
import { countOffline } from './offline.ts'
import { formatScopeList, isShared, makeScope } from './scope.ts'
import { findStale, listScopeFiles, locateScope, readList } from './scope-files.ts'
import type { StoreContents } from './sealed.ts'

const rewrite = 'write it again: npx zx scripts/secrets.ts write-scopes'

/** Says what is not as it must be: stale scopes, lists, files of unknown scopes, no escrow. */
export const verifyScopes = async (
  path: string,
  key: AgeKey,
  contents: StoreContents,
): Promise<readonly string[]> => {
  const found: string[] = []
  const names = Object.keys(contents.scopes ?? {})
  for (const name of names) {
    const [want, at] = [makeScope(contents, name), await locateScope(path, name)]
    const stale = await findStale(at.sealed, want, key)
    if (stale !== null) found.push(`scope ${name}: ${stale}; ${rewrite}`)
    if ((await readList(at.list)) !== formatScopeList(want))
      found.push(`scope ${name}: the list ${at.list} is not what the store says; ${rewrite}`)
    for (const pattern of want.share)
      if (!Object.keys(contents.secrets).some(secret => isShared([pattern], secret)))
        found.push(`scope ${name}: no secret of the store matches ${pattern}`)
  }
  for (const name of await listScopeFiles(path))
    if (!names.includes(name))
      found.push(`scope ${name}: the store does not know it; remove ${name}.age and ${name}.yaml`)
  const offline = countOffline(contents)
  if (offline < 2)
    found.push(
      `the store has ${offline} of two offline recipients (escrow); ` +
        'add one: npx zx scripts/secrets.ts add-escrow NAME',
    )
  return found
}
