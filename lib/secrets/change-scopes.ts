import { InputError } from '../errors/input-error.ts'
import { formatSuggestion } from '../errors/suggest.ts'
import { checkPattern, checkScopeName, isShared } from './scope.ts'
import type { StoreContents } from './sealed.ts'

type Scope = NonNullable<StoreContents['scopes']>[string]

/** Adds a scope, which shares nothing yet and opens for the store's recipients. */
export const addScope = (contents: StoreContents, name: string): void => {
  checkScopeName(name)
  contents.scopes ??= {}
  if (Object.hasOwn(contents.scopes, name))
    throw new InputError({ message: `there is a scope ${name} already` })
  contents.scopes[name] = { recipients: [], share: [] }
}

/** Removes a scope. Its recipients still know what they have read. */
export const removeScope = (contents: StoreContents, name: string): void => {
  findScope(contents, name)
  delete contents.scopes![name]
}

/** From now on the scope has a copy of these secrets: a name, or a pattern with stars. */
export const sharePattern = (contents: StoreContents, name: string, pattern: string): void => {
  checkPattern(pattern)
  const scope = findScope(contents, name)
  if (!isShared(scope.share, pattern)) scope.share.push(pattern)
}

/** The scope no longer has what it shared by this name or pattern. */
export const unsharePattern = (contents: StoreContents, name: string, pattern: string): void => {
  const scope = findScope(contents, name)
  if (!scope.share.includes(pattern))
    throw new InputError({
      message:
        `the scope ${name} does not list ${pattern}` + formatSuggestion(pattern, scope.share),
      next: `See what it lists: npx zx scripts/secrets.ts list --scope ${name}`,
    })
  scope.share = scope.share.filter(other => other !== pattern)
}

/** Finds a scope that the store knows. */
export const findScope = (contents: Pick<StoreContents, 'scopes'>, name: string): Scope => {
  const scopes = contents.scopes ?? {}
  if (Object.hasOwn(scopes, name)) return scopes[name]!
  throw new InputError({
    message: `there is no scope ${name}${formatSuggestion(name, Object.keys(scopes))}`,
    next: `Add it with: npx zx scripts/secrets.ts add-scope ${name}`,
  })
}
