import type { Operation } from '../../lib/operation.ts'
import { authorizedKeys } from '../../lib/operations/authorizedKeys.ts'
import { sudoers } from '../../lib/operations/sudoers.ts'
import { user } from '../../lib/operations/user.ts'
import type { Operators } from './settings.ts'

/**
 * The operators' accounts, their keys and their sudo; and no longer those of former ones. All
 * accounts come before all keys: a missing account is waited for once.
 */
export const listAccounts = (
  operators: Operators,
  former: readonly string[],
): readonly Operation[] => {
  const both = former.filter(name => name in operators)
  if (both.length > 0)
    throw new Error(`base: ${both.join(', ')} cannot be an operator and a former one`)
  const people = Object.entries(operators)
  const rules = people
    .filter(([, { sudo }]) => sudo !== false)
    .map(([name]) => `${name} ALL=(ALL:ALL) NOPASSWD: ALL`)
  return [
    ...people.map(([name]) => user({ name })),
    ...former.map(name => user({ name, state: 'absent' })),
    ...people.map(([name, { keys }]) => authorizedKeys({ user: name, keys })),
    sudoers({ name: 'brd-operators', rules: ['# Operators of the inventory', ...rules] }),
  ]
}
