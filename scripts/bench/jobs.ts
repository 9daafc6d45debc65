/** What is measured as a whole process, in any checkout. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './bench-hosts.ts'
import type { Checkout, Workload } from './checkout.ts'
import type { Server } from './delayed-server.ts'
import type { Measured } from './measurement.ts'
import { showStep } from './progress.ts'
import { describeTask, type Left, runTool } from './rows.ts'
import { measureWhole } from './whole.ts'

export type BenchJob = {
  readonly work: string
  readonly by: 'node' | 'npx'
  /** Measures it once. Rejects if it did not do all of the work. */
  readonly measure: (checkout: Checkout, left: Left) => Promise<Measured>
}

/** W1 on one host and on many, and what a run costs that does nothing. */
export const prepareJobs = async (on: Ground, left: Left): Promise<BenchJob[]> => {
  const second = await prepareSecondRun(on, '1 host', on.servers.slice(0, 1), left)
  return [
    second('node'),
    second('npx'),
    defineHelpJob(on, 'node'),
    defineHelpJob(on, 'npx'),
    defineFirstRun(on, on.servers.slice(0, 1)),
    (await prepareSecondRun(on, '50 hosts', on.servers.slice(0, 50), left))('node'),
  ]
}

/** The other workloads, for comparing two checkouts. */
export const prepareMoreJobs = async (on: Ground, left: Left): Promise<BenchJob[]> => [
  (await prepareSecondRun(on, '1 host at 20 ms', [on.far], left))('node'),
  (await prepareSecondRun(on, '10 hosts', on.servers.slice(0, 10), left))('node'),
  defineLoginJob(on, on.servers.slice(0, 100)),
  ...(await prepareFileJobs(on, left)),
]

/** The state of a first run is made once, by this checkout: all second runs find it. */
export const prepareSecondRun = async (
  on: Ground,
  what: string,
  servers: readonly Server[],
  left: Left,
): Promise<(by: BenchJob['by']) => BenchJob> => {
  const round = `whole-${what}`.replaceAll(' ', '-')
  showStep(`W1, ${what}: the first run that the others find done`)
  for (const { name } of servers) on.home(round, name)
  await runTool(describeTask(on, servers, 'w1', round), left())
  const workload = { work: 'w1', folder: join(on.dir, round) } as const
  return by => defineJob(`W1, ${what}, second`, by, servers, () => workload, 0)
}

let rounds = 0

const defineFirstRun = (on: Ground, servers: readonly Server[]): BenchJob =>
  defineJob(
    'W1, 1 host, first',
    'node',
    servers,
    () => {
      const round = `whole-first-${++rounds}`
      for (const { name } of servers) on.home(round, name)
      return { work: 'w1', folder: join(on.dir, round) }
    },
    30 * servers.length,
  )

const defineLoginJob = (on: Ground, servers: readonly Server[]): BenchJob =>
  defineJob(
    `W2, ${servers.length} hosts`,
    'node',
    servers,
    () => ({ work: 'w2', folder: on.dir }),
    0,
  )

const defineHelpJob = (on: Ground, by: BenchJob['by']): BenchJob => ({
  work: '--help',
  by,
  measure: ({ play }, left) =>
    measureWhole(play(by, ['--help'], { work: 'w2', folder: on.dir }), left()),
})

const prepareFileJobs = async (on: Ground, left: Left): Promise<BenchJob[]> => {
  const [file, folder] = [join(on.dir, 'whole-file'), join(on.dir, 'whole-folder')]
  writeFileSync(file, randomBytes(100_000_000))
  mkdirSync(folder)
  for (let n = 0; n < 1000; n++) writeFileSync(join(folder, `file${n}`), randomBytes(4096))
  const servers = on.servers.slice(0, 1)
  const jobs: BenchJob[] = []
  for (const [work, what, source] of [
    ['w3', '100 MB', file],
    ['w3Folder', '1000 files', folder],
  ] as const) {
    const fresh = (round: string): Workload => {
      for (const { name } of servers) on.home(round, name)
      return { work, folder: join(on.dir, round), source }
    }
    showStep(`W3, ${what}: the first run that the others find done`)
    const kept = fresh(`whole-${work}`)
    const task = describeTask(on, servers, work === 'w3' ? 'w3' : 'w3-folder', `whole-${work}`)
    await runTool({ ...task, source }, left())
    const first = () => fresh(`whole-${work}-${++rounds}`)
    jobs.push(defineJob(`W3, ${what}`, 'node', servers, first, 1))
    jobs.push(defineJob(`W3, ${what}, unchanged`, 'node', servers, () => kept, 0))
  }
  return jobs
}

const defineJob = (
  work: string,
  by: BenchJob['by'],
  servers: readonly Server[],
  workload: () => Workload,
  changed: number,
): BenchJob => ({
  work,
  by,
  measure: async ({ play }, left) => {
    const limit = servers.map(({ name }) => name).join(',')
    const measured = await measureWhole(play(by, ['--limit', limit], workload()), left())
    if (measured.changed !== changed)
      throw new Error(`${measured.changed} changes, and not ${changed}`)
    return measured
  },
})
