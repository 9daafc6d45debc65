/** What the flags of verify-backups ask for. */
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { splitNames } from '../../lib/cli/command-line.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import type { Environment as Entry, Inventory } from '../../lib/inventory/inventory.ts'
import { findEnvironment } from '../deploy/environment.ts'

/** The flags, as they are given. */
export type VerificationFlags = {
  readonly env?: readonly string[]
  readonly state?: string
  readonly parallel?: string
  readonly 'json-file'?: string
  readonly network?: string
  readonly 'answer-within'?: string
}

/** What is asked for. */
export type VerificationRequest = {
  readonly entries: readonly Entry[]
  /** The state folder, absolute. */
  readonly state: string
  readonly parallel: number
  /** How long a bucket may take to list its backups, in seconds. */
  readonly askSeconds: number
}

/** Reads the flags. Bad ones are an InputError that names the flag. */
export const readRequest = (
  inventory: Inventory,
  { env, state, parallel = '1', 'answer-within': seconds = '120' }: VerificationFlags,
  variables: Readonly<Record<string, string | undefined>>,
): VerificationRequest => ({
  entries: chooseEnvironments(inventory, env),
  state: findState(state, variables),
  parallel: readNumber('--parallel', parallel, 99),
  askSeconds: readNumber('--answer-within', seconds, 86_400),
})

const chooseEnvironments = (inventory: Inventory, names?: readonly string[]): readonly Entry[] => {
  if (names !== undefined) {
    const entries = splitNames('--env', names).map(name => findEnvironment(inventory, name))
    const without = entries.find(entry => !hasBackups(entry))
    if (!without) return entries
    throw new InputError({
      place: `--env ${without.name}`,
      message: 'hosts.yaml has no backups of it',
      next: `Set environments.${without.name}.backups.bucket.name.`,
    })
  }
  const entries = listBackedUp(inventory)
  if (entries.length > 0) return entries
  throw new InputError({
    place: 'hosts.yaml',
    message: 'no environment has backups',
    next: 'Set environments.NAME.backups.bucket.name.',
  })
}

/** Lists the environments of hosts.yaml that have backups. */
export const listBackedUp = (inventory: Inventory): readonly Entry[] =>
  [...inventory.environments.values()].filter(hasBackups)

/** Defaults fill in the rest: the bucket's name is its owner's. It is listed only if it is set. */
export const hasBackups = ({ vars }: Entry): boolean =>
  Object.keys(vars.backups.bucket).includes('name')

/** The state folder, absolute: `--state`, or the one of this user. */
export const findState = (
  flag: string | undefined,
  variables: Readonly<Record<string, string | undefined>>,
): string => (flag === undefined ? findDefaultState(variables) : resolve(flag))

/** The state folder without `--state`, by the XDG base directory specification. */
export const findDefaultState = ({
  XDG_STATE_HOME = '',
  HOME = homedir(),
}: Readonly<Record<string, string | undefined>>): string =>
  join(isAbsolute(XDG_STATE_HOME) ? XDG_STATE_HOME : join(HOME, '.local/state'), 'brd/backups')

const readNumber = (flag: string, text: string, most: number): number => {
  if (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= most) return Number(text)
  throw new InputError({
    place: `${flag} ${text}`,
    message: `must be a whole number from 1 to ${most}`,
  })
}
