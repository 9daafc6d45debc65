import type { Operation } from '../../lib/operation.ts'
import { authorizedKeys } from '../../lib/operations/authorizedKeys.ts'
import { passwordLock } from '../../lib/operations/passwordLock.ts'
import { sudoers } from '../../lib/operations/sudoers.ts'
import { user } from '../../lib/operations/user.ts'
import type { Operators } from './settings.ts'

/**
 * The operators' sudo, accounts and keys. sudo without a password comes first: nobody needs the
 * password any more once it is locked (`lockAccounts`). All accounts come before all keys: a
 * missing account is waited for once.
 */
export const listAccounts = (operators: Operators): readonly Operation[] => {
  const people = Object.entries(operators)
  const rules = people
    .filter(([, { sudo }]) => sudo !== false)
    .map(([name]) => `${name} ALL=(ALL:ALL) NOPASSWD: ALL`)
  return [
    sudoers({ name: 'brd-operators', rules: ['# Operators of the inventory', ...rules] }),
    ...people.map(([name]) => user({ name, password: 'as it is' })),
    ...people.map(([name, { keys }]) => authorizedKeys({ user: name, keys })),
  ]
}

/**
 * What closes other ways into the host: no password opens an operator's account, and former
 * operators have none. Listed when the operators' keys and sudo are proven.
 */
export const lockAccounts = (
  operators: Operators,
  former: readonly string[],
): readonly Operation[] => {
  const both = former.filter(name => name in operators)
  if (both.length > 0)
    throw new Error(`base: ${both.join(', ')} cannot be an operator and a former one`)
  return [
    ...Object.keys(operators).map(name => passwordLock({ user: name })),
    ...former.map(name => user({ name, state: 'absent' })),
  ]
}
