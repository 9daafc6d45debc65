/** Rotating secrets of an environment. */

import { Deferred } from '../../lib/deferred.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { type Operation, Unknown } from '../../lib/operation.ts'
import { s3 } from '../../lib/operations/s3.ts'
import { stack } from '../../lib/operations/stack.ts'
import type { Run } from '../../lib/run/run.ts'
import {
  addNewSecrets,
  checkBackupBucket,
  checkBucket,
  type EnvironmentOptions,
  removeOldSecrets,
} from '../../roles/environment.ts'
import { findFirstManager } from '../cluster.ts'
import { playEnvironment, requireServers } from '../deploy/deploy.ts'
import { findEnvironment, readEnvironmentOptions } from '../deploy/environment.ts'
import { noteStandIns } from '../note-stand-ins.ts'
import { type ChosenSecret, chooseSecret, namePairs } from './choose-secret.ts'
import { beginRotations, finishRotations, listRotated, turnRotations } from './steps.ts'

export type RotationRequest = {
  readonly env: string
  readonly secrets: readonly string[]
  readonly generate: boolean
}

/**
 * Each secret has a new value, what uses it went over without a break, and the old value is shown
 * to be good no more. Each step is remembered by the store, after the hosts have taken
 * it and before the next begins: a run that was broken off anywhere is finished by the same
 * command.
 */
export const rotate = async (
  run: Run,
  { env, secrets, generate }: RotationRequest,
): Promise<void> => {
  const entry = findEnvironment(run.inventory, env)
  requireServers(run, entry)
  const all = secrets.map(word => chooseSecret(entry, word, generate))
  // before the first connection: what is missing in the store or the inventory is bad input
  await readEnvironmentOptions(entry, run, run.lab)
  const fresh = await findUnturned(run, all)
  await run.edit(beginRotations(fresh))
  const image = await readRelease(run, entry)
  if (image !== null && (await handOver(run, entry, image, all, fresh)))
    noteResults(run, entry, await readEnvironmentOptions(entry, run, run.lab), all)
}

/** True where all of it was done. The options are worked out anew after each step of the store. */
const handOver = async (
  run: Run,
  entry: Entry,
  image: string | undefined,
  all: readonly ChosenSecret[],
  fresh: readonly ChosenSecret[],
) => {
  const options = () => readEnvironmentOptions(entry, run, run.lab, image)
  if (
    !(await playRotation(
      run,
      entry,
      'the new values are good',
      await listNewValues(run, entry, await options(), fresh),
    ))
  )
    return false
  await run.edit(turnRotations(entry, fresh))
  if (!(await playEnvironment(run, entry, { ...(await options()), rotating: listRotated(all) })))
    return false
  if (
    !(await playRotation(
      run,
      entry,
      'the old values are not',
      await listOldValues(run, entry, await options(), all),
    ))
  )
    return false
  await run.edit(finishRotations(all))
  return true
}

/** Those that have no value before: a run that was broken off behind the turn goes on there. */
const findUnturned = async (run: Run, all: readonly ChosenSecret[]): Promise<ChosenSecret[]> => {
  const begun = await Promise.all(
    all.map(async ({ names: [name = ''] }) => run.find(`${name}.previous`)),
  )
  return all.filter((_, i) => begun[i] === null)
}

/**
 * Reads the release that runs, since a rotation changes nothing else. Undefined if the run only
 * lists; null if it does not run.
 */
const readRelease = async (run: Run, entry: Entry): Promise<string | undefined | null> => {
  const provides = new Deferred<string>(`the release of ${entry.title}`)
  const roles = { release: [stack.image({ service: `${entry.name}_php`, provides })] }
  const { failed } = await run.play(
    [findFirstManager(entry.cluster)],
    () => roles,
    `${entry.title}: the release that runs`,
  )
  const image = provides.get()
  return failed.length > 0 ? null : image instanceof Unknown ? undefined : image
}

const playRotation = async (
  run: Run,
  entry: Entry,
  name: string,
  list: readonly Operation[],
): Promise<boolean> => {
  if (list.length === 0) return true
  const { failed } = await run.play(
    [entry.server],
    () => ({ rotation: list }),
    `${entry.title}: ${name}`,
  )
  return failed.length === 0
}

const listNewValues = async (
  run: Run,
  entry: Entry,
  options: EnvironmentOptions,
  fresh: readonly ChosenSecret[],
): Promise<readonly Operation[]> => {
  const pairs = await readPairs(run, entry, fresh, 'next')
  const { secrets } = options
  const check = ([word, keys]: (typeof pairs)[number]): Operation => {
    if (word === 's3') return checkBucket({ ...options, secrets: { ...secrets, ...keys } })
    const right = word === 'backup-write' ? 'write' : 'prune'
    const backups = { ...secrets.backups, [right]: keys }
    return checkBackupBucket({ ...options, secrets: { ...secrets, backups } }, right)
  }
  return [...addNewSecrets(options, listRotated(fresh)), ...pairs.map(check)]
}

const listOldValues = async (
  run: Run,
  entry: Entry,
  options: EnvironmentOptions,
  all: readonly ChosenSecret[],
): Promise<readonly Operation[]> => {
  const pairs = await readPairs(run, entry, all, 'previous')
  const refused = pairs.map(([word, keys]) => {
    const { name, ...place } = word === 's3' ? options.bucket : options.backups.bucket
    const version = options.hmac(`refuses ${name}`, keys.secretKey)
    return s3.refuses({ ...place, bucket: name, ...keys, version })
  })
  return [
    ...removeOldSecrets(options, listRotated(all), !isStandIn(run, options.images.walg)),
    ...refused,
  ]
}

/** The chosen pairs of keys of buckets, by their words. */
const readPairs = async (
  run: Run,
  entry: Entry,
  all: readonly ChosenSecret[],
  which: 'next' | 'previous',
) => {
  const names = namePairs(entry)
  const words = (['s3', 'backup-write', 'backup-prune'] as const).filter(word =>
    all.some(one => one.word === word),
  )
  const found = await Promise.all(
    words.map(async word => {
      const accessKey = await run.find(`${names[word].accessKey}.${which}`)
      const secretKey = await run.find(`${names[word].secretKey}.${which}`)
      return accessKey && secretKey ? ([word, { accessKey, secretKey }] as const) : null
    }),
  )
  return found.filter(pair => pair !== null)
}

const isStandIn = ({ lab }: Run, image: string): boolean =>
  lab?.images.some(({ ref, standIn }) => ref === image && standIn) ?? false

const noteResults = (
  run: Run,
  entry: Entry,
  { images, secrets }: EnvironmentOptions,
  all: readonly ChosenSecret[],
): void => {
  noteStandIns(run, Object.values(images))
  if (run.mode !== 'apply') return
  const { name, number } = secrets.rotated.walg
  if (listRotated(all).includes('walg')) {
    run.note(
      `${name}.${number - 1} opens the older backups: remove it (scripts/secrets.ts remove) ` +
        'when their retention has ended',
    )
    if (isStandIn(run, images.walg))
      run.note(`${entry.title} OWES a full backup: wal-g is a stand-in here, which makes none`)
  }
  if (!run.lab) run.note('commit the store: secrets/')
}
