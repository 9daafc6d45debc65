/**
 * The tool at work, in a separate process: started by the benchmark with what to do as JSON, it
 * answers with its figures on file
 * descriptor 3. It does what a playbook does, but for the lease: hosts that are one machine cannot
 * each hold it.
 */
import { writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { readArguments } from '../../lib/cli/argv.ts'
import { loadInventory } from '../../lib/inventory/load.ts'
import { selectHosts } from '../../lib/inventory/pattern.ts'
import type { Operation } from '../../lib/operation.ts'
import type { Path } from '../../lib/operations/file/entry.ts'
import { openRunReport } from '../../lib/report/run-report.ts'
import { createDisruptionQueues } from '../../lib/run/disruption-queues.ts'
import { playBatches } from '../../lib/run/play-batches.ts'
import { listEntries } from '../../lib/run/play-entries.ts'
import { createConnectors } from '../../lib/transport/connector.ts'
import { Session } from '../../lib/transport/session.ts'
import type { Measured } from './measurement.ts'
import { listW1, listW2, listW3, listW3Folder } from './workload.ts'

/** What to measure: W1 or W3 under a folder, W2, or loading the inventory and selecting from it. */
export type Task = {
  readonly inventory: string
  readonly pattern: string
  readonly work: 'w1' | 'w2' | 'w3' | 'w3-folder' | 'inventory'
  /** The folder that holds those of the hosts. */
  readonly folder: Path
  /** W3: the local file or folder that goes over. */
  readonly source?: string
}

const since = performance.now()
const before = process.resourceUsage()
const sumCpu = ({ userCPUTime, systemCPUTime }: NodeJS.ResourceUsage): number =>
  (userCPUTime + systemCPUTime) / 1e6

const own = { owner: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 }

/** The list of a host. */
const chooseList = ({ work, folder, source = '' }: Task, host: string): readonly Operation[] => {
  const home: Path = `${folder}/${host}`
  if (work === 'w1') return listW1(home, own)
  if (work === 'w3') return listW3(home, source, own)
  return work === 'w3-folder' ? listW3Folder(home, source, own) : listW2()
}

const measureHosts = async (
  task: Task,
): Promise<Pick<Measured, 'changed' | 'trips' | 'connect'>> => {
  const { inventory, pattern, folder } = task
  const hosts = selectHosts(await loadInventory(inventory), pattern)
  const report = openRunReport({
    root: folder,
    playbook: 'bench',
    json: false,
    diff: false,
    verbose: false,
    redact: text => text,
  })
  report.emit({
    type: 'run-started',
    playbook: 'bench',
    check: false,
    hosts: hosts.map(({ name }) => name),
  })
  const waits: number[] = []
  const connected = (host: string, ms: number) => {
    waits.push(ms)
    report.emit({ type: 'host-connected', host, ms })
  }
  const reach = createConnectors({ sshConfig: false, onConnect: connected })
  const lists = hosts.map(host => ({
    session: new Session(reach(host)),
    entries: listEntries(host.name, chooseList(task, host.name), 'bench', () => true),
  }))
  report.emit({
    type: 'play-started',
    play: 0,
    name: 'bench',
    hosts: hosts.map(({ name }) => name),
  })
  const lease =
    hosts.length === 1 && own.owner === 0 ? { path: `${folder}/lease`, who: 'bench' } : null
  const options = {
    play: 0,
    check: false,
    allowDisruption: false,
    openQueue: createDisruptionQueues(),
    forks: 50,
    lease,
    stop: { requested: false },
    emit: report.emit,
  }
  const { results } = await playBatches(lists, options)
  await Promise.all(lists.map(({ session }) => session.end()))
  report.emit({ type: 'run-finished', exitCode: 0, ms: report.at() })
  await report.close()
  const bad = results.find(({ result }) => result !== 'ok')
  if (bad)
    throw new Error(
      `a host is ${bad.result}: ${bad.error?.message ?? JSON.stringify(bad.outcomes)}`,
    )
  const changed = results.flatMap(({ outcomes }) =>
    outcomes.filter(({ is }) => is === 'changed'),
  ).length
  return {
    changed,
    trips: Math.max(...results.map(({ trips }) => trips)),
    connect: Math.max(...waits) / 1000,
  }
}

const measureInventory = async ({ inventory }: Task): Promise<{ readonly changed: 0 }> => {
  const all = await loadInventory(inventory)
  for (const pattern of ['all', 'web*', 'rack7', 'all:!rack1*', '~web\\d+7$'])
    selectHosts(all, pattern)
  return { changed: 0 }
}

const task = JSON.parse(readArguments(import.meta)[0] ?? '') as Task
const done = await (task.work === 'inventory' ? measureInventory(task) : measureHosts(task))
const after = process.resourceUsage()
const measured: Measured = {
  seconds: (performance.now() - since) / 1000,
  cpu: sumCpu(after) - sumCpu(before),
  mebibytes: after.maxRSS / 1024,
  load: { seconds: since / 1000, cpu: sumCpu(before) },
  ...done,
}
writeFileSync(3, JSON.stringify(measured))
