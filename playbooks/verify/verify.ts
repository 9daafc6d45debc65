/** Verifying backups: the work of verify-backups.ts. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { readLockHolder, withLock } from '../../lib/disk/lock.ts'
import { writeWhole } from '../../lib/disk/write-whole.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import type { Environment as Entry } from '../../lib/inventory/inventory.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { print, printStyled, say } from '../../lib/report/print.ts'
import { makeSafe, sanitize } from '../../lib/report/sanitize.ts'
import { createPaint, wantsColor } from '../../lib/report/style.ts'
import type { Run } from '../../lib/run/run.ts'
import { explainFailedDeliveries } from '../../lib/verification/delivery/delivery.ts'
import type { DockerCommand } from '../../lib/verification/docker-process.ts'
import type { EnvironmentNight, Night } from '../../lib/verification/night.ts'
import { findLastGroup, keepNight, readNights } from '../../lib/verification/nights.ts'
import { formatNight } from '../../lib/verification/report/format-night.ts'
import { openThrowaway, removeLeftovers } from '../../lib/verification/throwaway.ts'
import { makeUnverified, verifyEnvironment } from '../../lib/verification/verify-environment.ts'
import { verifyEnvironments } from '../../lib/verification/verify-environments.ts'
import { noteStandIns } from '../note-stand-ins.ts'
import { type DeliveryFlags, deliverNight, type NightTargets, readTargets } from './deliver.ts'
import { openKeeper } from './keeper.ts'
import { findPlaces, type Places, showPlan } from './plan.ts'
import { openProgress, type VerificationProgress } from './progress.ts'
import { type FoundBackups, readBackups } from './read-backups.ts'
import {
  listBackedUp,
  readRequest,
  type VerificationFlags,
  type VerificationRequest,
} from './request.ts'
import { computeNightCode } from './words.ts'

/** Another verification holds the state folder. */
const OVERLAP = 5

/**
 * The backups are verified, and what was shown of each is in the ledger; or, in check mode, it is
 * said what would be. Returns the exit code.
 */
export const verifyBackups = async (
  run: Run,
  flags: VerificationFlags & DeliveryFlags,
): Promise<number> => {
  refuseOthers(run.flags)
  const targets = await readTargets(run, flags)
  const { entries, ...how } = readRequest(run.inventory, flags, process.env)
  const { state } = how
  const found = await findPlaces(run, entries)
  if (run.mode !== 'apply') return await showPlan(run, found, state)
  noteStandIns(
    run,
    entries.flatMap(({ vars }) => [vars.app.images.walg, vars.app.images.restic]),
  )
  await mkdir(state, { recursive: true, mode: 0o700 })
  const lock = join(state, 'verification.lock')
  const begun = { is: false }
  try {
    return await withLock(
      lock,
      async () => {
        begun.is = true
        return await verifyAll(run, flags, { found, targets, ...how })
      },
      { seconds: 3, action: 'verify-backups.ts' },
    )
  } catch (error) {
    if (begun.is) throw error
    const holder = await readLockHolder(lock)
    if (!holder) throw error
    say(`${lock}: another verification runs, as process ${holder.pid}: nothing is done`)
    return OVERLAP
  }
}

type Plan = Omit<VerificationRequest, 'entries'> & {
  readonly found: Places
  readonly targets: NightTargets
}

/** Flags of other playbooks that would be read as a part of the backups. */
const refuseOthers = (flags: Run['flags']): void => {
  for (const flag of [
    'limit',
    'tags',
    'skip-tags',
    'start-at',
    'step',
    'plan',
    'plan-out',
  ] as const)
    if (flags[flag])
      throw new InputError({
        place: `--${flag}`,
        message: 'backups are verified as a whole',
        next: 'Choose environments with --env.',
      })
}

const verifyAll = async (
  run: Run,
  flags: Run['flags'] & VerificationFlags,
  { found, targets, state, parallel, askSeconds }: Plan,
): Promise<number> => {
  const began = new Date()
  const keeper = await openKeeper(state)
  const docker = describeDocker(run)
  const broken = await findEngineFault(docker)
  const nights = await readNights(state)
  const progress = openProgress(flags)
  const network = flags.network ?? run.lab?.network.name
  const environments = await verifyEnvironments(
    [...found].map(([entry, place]) => ({
      environment: entry.name,
      cluster: entry.cluster.name,
      verify: async () => {
        progress.begin(entry.name)
        const night = sanitize(
          broken === null
            ? await verifyOne(run, entry, place, {
                docker,
                askSeconds,
                lastGroup: findLastGroup(nights, entry.name),
                ...(network === undefined ? {} : { network }),
                progress,
              })
            : makeUnverified({ environment: entry.name, cluster: entry.cluster.name }, broken),
          makeSafe,
        )
        progress.end(night)
        await keeper.add(night)
        return night
      },
    })),
    parallel,
  )
  await progress.close()
  const night: Night = {
    began: began.toISOString(),
    ended: new Date().toISOString(),
    host: hostname(),
    runnerVersion: readVersion(),
    environments,
  }
  await keeper.keep(() => keepNight(state, night))
  const file = flags['json-file']
  if (file !== undefined) await keeper.keep(() => writeJson(resolve(file), night))
  const names = listBackedUp(run.inventory).map(({ name }) => name)
  const proofs = await keeper.listProofs(names)
  const faults = keeper.faults()
  const said = [...(faults.ledger === null ? [] : [faults.ledger]), ...faults.results]
  const deliveries = await deliverNight(night, { before: nights, proofs, faults }, targets)
  const undelivered = explainFailedDeliveries(deliveries)
  if (flags.json === true) print(JSON.stringify(night))
  else showNight(night)
  for (const fault of said) say(fault)
  if (undelivered !== null) say(undelivered)
  if (flags.json !== true) print(keeper.describe())
  return computeNightCode(environments, said.length > 0 || undelivered !== null)
}

type Means = {
  readonly docker: DockerCommand
  readonly askSeconds: number
  readonly network?: string
  readonly lastGroup: number | null
  readonly progress: VerificationProgress
}

const verifyOne = async (
  run: Run,
  entry: Entry,
  place: FoundBackups | Error,
  { docker, askSeconds, network, lastGroup, progress }: Means,
): Promise<EnvironmentNight> => {
  if (place instanceof Error) throw place
  const backups = await readBackups(entry, run, place, lastGroup)
  return await verifyEnvironment(
    {
      ...backups,
      database: { ...backups.database, askSeconds },
      files: { ...backups.files, askSeconds },
      open: part =>
        openThrowaway({
          docker,
          image: place.images[part],
          run: nameRun(process.pid),
          folders: part === 'database' ? ['/var/lib/mysql', '/restore'] : ['/restore'],
          user: part === 'database' ? 'mysql' : 'root',
          ...(network === undefined ? {} : { network }),
        }),
    },
    {
      now: () => new Date(),
      random: Math.random,
      tell: check => progress.check(entry.name, check),
    },
  )
}

/** The lab's own engine, unless the environment names another. */
const describeDocker = ({ lab }: Run): DockerCommand => {
  const socket = labPath('engine.sock')
  return lab && process.env['DOCKER_HOST'] === undefined && existsSync(socket)
    ? { env: { DOCKER_HOST: `unix://${socket}` } }
    : {}
}

/** Removes what verifications that were killed left. Returns why the engine does not answer. */
const findEngineFault = async (docker: DockerCommand): Promise<string | null> => {
  try {
    await removeLeftovers(docker, isLive)
    return null
  } catch (error) {
    return `no Docker engine answers here: ${error instanceof Error ? error.message : error}`
  }
}

const nameRun = (pid: number): string => `${hostname()}-${pid}`

/** Runs of other hosts, and of other programs, are left alone. */
const isLive = (run: string): boolean => {
  const [, host, pid] = /^(.+)-(\d+)$/.exec(run) ?? []
  return host !== hostname() || existsSync(`/proc/${pid}`)
}

/** On a terminal as wide as it is; elsewhere a line for each thing, for whoever searches them. */
const showNight = (night: Night): void => {
  const { columns = Infinity, isTTY } = process.stdout
  const paint = createPaint(wantsColor(isTTY === true, process.env))
  printStyled(formatNight(night, columns, paint).join('\n'))
}

/** The file has the mode that it had, or one that others may read: it holds no secret. */
const writeJson = (path: string, night: Night): Promise<void> =>
  writeWhole(
    path,
    `${JSON.stringify(night, null, 2)}\n`,
    existsSync(path) ? statSync(path).mode & 0o777 : 0o644,
  )

const readVersion = (): string =>
  (
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      readonly version: string
    }
  ).version
