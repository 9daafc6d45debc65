/** Rotating secrets of an environment. */

import { Deferred } from '../../lib/deferred.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { type Operation, Unknown } from '../../lib/operation.ts'
import { s3 } from '../../lib/operations/s3.ts'
import { stack } from '../../lib/operations/stack.ts'
import type { Run } from '../../lib/run/run.ts'
import { bucket, type Environment, introduced, retired } from '../../roles/environment.ts'
import { firstManager } from '../cluster.ts'
import { deployed } from '../deploy/deploy.ts'
import { entryOf, optionsOf } from '../deploy/environment.ts'
import { keyNames } from '../deploy/secrets.ts'
import { remark } from '../remark.ts'
import { type Chosen, chosenOf } from './chosen.ts'
import { begun, finished, heldOf, turned } from './steps.ts'

export type Asked = {
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
export const rotate = async (run: Run, { env, secrets, generate }: Asked): Promise<void> => {
  const entry = entryOf(run.inventory, env)
  const all = secrets.map(word => chosenOf(entry, word, generate))
  // before the first connection: what is missing in the store or the inventory is bad input
  await optionsOf(entry, run, run.lab)
  const fresh = await notYetTurned(run, all)
  await run.edit(begun(fresh))
  const image = await running(run, entry)
  if (image !== null && (await handedOver(run, entry, image, all, fresh)))
    told(run, entry, await optionsOf(entry, run, run.lab), all)
}

/** True where all of it was done. The options are worked out anew after each step of the store. */
const handedOver = async (
  run: Run,
  entry: Entry,
  image: string | undefined,
  all: readonly Chosen[],
  fresh: readonly Chosen[],
) => {
  const options = () => optionsOf(entry, run, run.lab, image)
  if (
    !(await played(
      run,
      entry,
      'the new values are good',
      await newValues(run, entry, await options(), fresh),
    ))
  )
    return false
  await run.edit(turned(entry, fresh))
  if (!(await deployed(run, entry, { ...(await options()), rotating: heldOf(all) }))) return false
  if (
    !(await played(
      run,
      entry,
      'the old values are not',
      await oldValues(run, entry, await options(), all),
    ))
  )
    return false
  await run.edit(finished(all))
  return true
}

/** Those that have no value before: a run that was broken off behind the turn goes on there. */
const notYetTurned = async (run: Run, all: readonly Chosen[]): Promise<Chosen[]> => {
  const begun = await Promise.all(
    all.map(async ({ names: [name = ''] }) => run.find(`${name}.previous`)),
  )
  return all.filter((_, i) => begun[i] === null)
}

/**
 * The release that runs: a rotation changes no other thing. Undefined where it is only listed; null
 * where it does not run.
 */
const running = async (run: Run, entry: Entry): Promise<string | undefined | null> => {
  const provides = new Deferred<string>(`the release of ${entry.title}`)
  const roles = { release: [stack.image({ service: `${entry.name}_php`, provides })] }
  const { failed } = await run.play(
    [firstManager(entry.cluster)],
    () => roles,
    `${entry.title}: the release that runs`,
  )
  const image = provides.get()
  return failed.length > 0 ? null : image instanceof Unknown ? undefined : image
}

const played = async (
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

const newValues = async (
  run: Run,
  entry: Entry,
  options: Environment,
  fresh: readonly Chosen[],
): Promise<readonly Operation[]> => {
  const keys = await bucketKeys(run, entry, fresh, 'next')
  return [
    ...introduced(options, heldOf(fresh)),
    ...(keys ? [bucket({ ...options, secrets: { ...options.secrets, ...keys } })] : []),
  ]
}

const oldValues = async (
  run: Run,
  entry: Entry,
  options: Environment,
  all: readonly Chosen[],
): Promise<readonly Operation[]> => {
  const keys = await bucketKeys(run, entry, all, 'previous')
  const { name, ...place } = options.bucket
  const refused = keys
    ? [
        s3.refuses({
          ...place,
          bucket: name,
          ...keys,
          mark: options.hmac(`refuses ${name}`, keys.secretKey),
        }),
      ]
    : []
  return [...retired(options, heldOf(all), !standIn(run, options.images.walg)), ...refused]
}

const bucketKeys = async (
  run: Run,
  entry: Entry,
  all: readonly Chosen[],
  which: 'next' | 'previous',
) => {
  const names = keyNames(entry)
  if (!all.some(({ word }) => word === 's3')) return null
  const [accessKey, secretKey] = [
    await run.find(`${names.accessKey}.${which}`),
    await run.find(`${names.secretKey}.${which}`),
  ]
  return accessKey && secretKey ? { accessKey, secretKey } : null
}

const standIn = ({ lab }: Run, image: string): boolean =>
  lab?.images.some(({ ref, standIn }) => ref === image && standIn) ?? false

const told = (
  run: Run,
  entry: Entry,
  { images, secrets }: Environment,
  all: readonly Chosen[],
): void => {
  remark(run, Object.values(images))
  if (run.flags.check || run.flags['list-tasks']) return
  const { name, number } = secrets.held.walg
  if (heldOf(all).includes('walg')) {
    run.note(
      `${name}.${number - 1} opens the older backups: remove it (scripts/secrets.ts remove) when their retention has ended`,
    )
    if (standIn(run, images.walg))
      run.note(`${entry.title} OWES a full backup: wal-g is a stand-in here, which makes none`)
  }
  if (!run.lab) run.note('commit the store: secrets/brd.age')
}
