import { findScope } from '../../lib/secrets/change-scopes.ts'
import { describeHolder } from '../../lib/secrets/holders.ts'
import { isShared } from '../../lib/secrets/scope.ts'
import { Scopes } from '../../lib/secrets/scopes.ts'
import type { StoreContents } from '../../lib/secrets/sealed.ts'
import type { Store } from '../../lib/secrets/store.ts'

/** Formats the names of all secrets, whom the store opens for, and its scopes. */
export const formatStore = (store: Store): string => {
  const { recipients, holders, scopes = {} } = store.facts()
  const lines = Object.entries(scopes).map(([name, scope]) => {
    const count = store.names().filter(secret => isShared(scope.share, secret)).length
    const also = scope.recipients.map(who => describeHolder(who, holders?.[who])).join(', ')
    const what = `${count} secret${count === 1 ? '' : 's'}`
    return `  ${name}: ${what}${also === '' ? '' : `, opens for ${also} too`}`
  })
  return [
    ...store.names(),
    '',
    'opens for:',
    ...formatRecipients(recipients, holders, store.recipient),
    ...(lines.length > 0 ? ['', 'scopes:', ...lines] : []),
  ]
    .join('\n')
    .trimStart()
}

/** Formats the names of a scope's secrets, whom it opens for, and its list. */
export const formatScope = (opened: Store | Scopes, name: string): string => {
  const { names, recipients, holders, share } = readScope(opened, name)
  return [
    `scope ${name}:`,
    ...names.map(secret => `  ${secret}`),
    'opens for:',
    ...formatRecipients(recipients, holders, opened.recipient),
    'shares:',
    ...share.map(pattern => `  ${pattern}`),
  ].join('\n')
}

const readScope = (opened: Store | Scopes, name: string) => {
  if (opened instanceof Scopes) return { names: opened.namesOf(name), ...opened.facts(name) }
  const facts = opened.facts()
  const { share, recipients } = findScope(facts, name)
  return {
    names: opened.names().filter(secret => isShared(share, secret)),
    recipients: [...new Set([...facts.recipients, ...recipients])],
    holders: facts.holders,
    share,
  }
}

const formatRecipients = (
  recipients: readonly string[],
  holders: StoreContents['holders'],
  own: string,
): string[] =>
  recipients.map(who => `  ${describeHolder(who, holders?.[who])}${who === own ? ' (you)' : ''}`)
