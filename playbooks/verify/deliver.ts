/** What reaches others of a night: its reports on disk, its alarms, and the dead man's switch. */
import { resolve } from 'node:path'
import type { Secret } from '../../lib/secret.ts'
import {
  type DeliveryTargets,
  deliverAlarms,
} from '../../lib/verification/delivery/deliver-alarms.ts'
import type { Delivery } from '../../lib/verification/delivery/delivery.ts'
import { type ReportPlaces, writeReports } from '../../lib/verification/delivery/write-reports.ts'
import type { Night } from '../../lib/verification/night.ts'
import {
  type KeepingFaults,
  type LastProof,
  listAlarms,
  listKeepingAlarms,
} from '../../lib/verification/report/alarms.ts'
import { refuseMissing } from '../deploy/secrets.ts'
import type { SecretFinder } from './read-backups.ts'

/** The flags that say where to. Those of secrets name them in the store. */
export type DeliveryFlags = {
  readonly webhook?: string
  readonly ping?: string
  readonly 'mail-to'?: readonly string[]
  readonly 'html-folder'?: string
  readonly 'prometheus-file'?: string
  readonly 'junit-file'?: string
  readonly 'log-file'?: string
}

/** Where a night is delivered to. */
export type NightTargets = { readonly alarms: DeliveryTargets; readonly reports: ReportPlaces }

/** Reads the flags. A secret that the store lacks is an InputError, before anything is verified. */
export const readTargets = async (
  { find }: SecretFinder,
  flags: DeliveryFlags,
): Promise<NightTargets> => {
  const read = async (flag: string, name: string): Promise<Secret> =>
    (await find(name)) ?? refuseMissing(name, flag)
  const { webhook, ping, 'mail-to': to } = flags
  const place = (flag: 'html-folder' | 'prometheus-file' | 'junit-file' | 'log-file') =>
    flags[flag] === undefined ? undefined : resolve(flags[flag])
  const places = {
    htmlFolder: place('html-folder'),
    prometheusFile: place('prometheus-file'),
    junitFile: place('junit-file'),
    logFile: place('log-file'),
  }
  return {
    alarms: {
      ...(webhook === undefined ? {} : { webhook: await read('--webhook', webhook) }),
      ...(ping === undefined ? {} : { ping: await read('--ping', ping) }),
      ...(to === undefined ? {} : { mail: { to: to.flatMap(list => list.split(',')) } }),
    },
    reports: Object.fromEntries(
      Object.entries(places).filter(([, path]) => path !== undefined),
    ) as ReportPlaces,
  }
}

/**
 * Delivers a night. `proofs` are of all environments with backups; they are empty if the ledger
 * cannot be trusted, which is an alarm too. The dead man's switch is pinged only if there is no
 * alarm.
 */
export const deliverNight = async (
  night: Night,
  {
    before,
    proofs,
    faults,
  }: {
    readonly before: readonly Night[]
    readonly proofs: readonly LastProof[]
    readonly faults: KeepingFaults
  },
  { alarms: targets, reports }: NightTargets,
): Promise<readonly Delivery[]> => {
  const written = await writeReports(night, { before, proofs }, reports)
  const alarms = [...listAlarms(night, proofs), ...listKeepingAlarms(faults, night.host)]
  return [...written, ...(await deliverAlarms(night, alarms, targets))]
}
