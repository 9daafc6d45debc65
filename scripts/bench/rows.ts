/**
 * The workloads, each by the tool and by hand, one after the other: what one suffers from the
 * machine, the other does too.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zxArguments } from '../../test/support/run-playbook.ts'
import type { Ground } from './bench-hosts.ts'
import type { Server } from './delayed-server.ts'
import { renderManyHosts } from './many-hosts.ts'
import type { Measured, Row } from './measurement.ts'
import { showStep } from './progress.ts'
import { renderRawScript, runRawScript } from './raw-ssh.ts'
import { takeMedian } from './table.ts'
import { reaches } from './targets.ts'
import type { Task } from './tool-process.ts'

/** Milliseconds that the benchmark has left: none of its processes outlives them. */
export type Left = () => number
/** Work that may take longer than is left is not begun. Milliseconds. */
export const ENOUGH = 10_000

/** W1 on these hosts, so often: the first run on fresh folders, and the second one. */
export const measureW1 = async (
  on: Ground,
  what: string,
  servers: readonly Server[],
  times: number,
  left: Left,
): Promise<Row[]> => {
  const hosts = servers.length
  const [first, second] = [startSeries(), startSeries()]
  for (let n = 1; n <= times && left() > ENOUGH; n++) {
    showStep(`W1, ${what}, by the tool and by hand: ${n} of ${times}`)
    const [mine, theirs] = [`tool-${what}-${n}`, `raw-${what}-${n}`]
    for (const { name } of servers) on.home(mine, name)
    const byHand = new Map(
      servers.map(({ name }) => [name, renderRawScript(on.home(theirs, name))]),
    )
    const play = () => runTool(describeTask(on, servers, 'w1', mine), left())
    const carry = () => runRawScript(on, servers, ({ name }) => byHand.get(name) ?? '', left())
    await first.take('tool', 30 * hosts, play)
    await first.take('raw', 30 * hosts, carry)
    // not measured: the second run needs all of the first
    if (first.problems.length > 0) await Promise.allSettled([play()])
    await second.take('tool', 0, play)
    await second.take('raw', 0, carry)
  }
  return [first.row(`W1, ${what}, first`), second.row(`W1, ${what}, second`)]
}

/** W2: logging in on so many hosts, and a list that finds all as it should be. */
export const measureW2 = async (on: Ground, hosts: number, left: Left): Promise<Row> => {
  const all = startSeries()
  const servers = on.servers.slice(0, hosts)
  if (left() > ENOUGH) {
    showStep(`W2, ${hosts} hosts`)
    await all.take('tool', 0, () => runTool(describeTask(on, servers, 'w2', 'w2'), left()))
    await all.take('raw', 0, () => runRawScript(on, servers, () => 'echo changed 0\n', left()))
  }
  return all.row(`W2, ${hosts.toLocaleString('en')} hosts`)
}

/** An inventory of 5,000 hosts is loaded, and five patterns are matched. */
export const measureLargeInventory = async (on: Ground, left: Left): Promise<Row> => {
  showStep('inventory of 5,000 hosts')
  const inventory = join(on.dir, 'many.yaml')
  writeFileSync(inventory, renderManyHosts(5000))
  const load = () => runTool({ inventory, pattern: '', work: 'inventory', folder: '/' }, left())
  const all = startSeries()
  await load() // not measured: the modules are compiled once, and kept
  for (let n = 0; n < 3; n++) await all.take('tool', 0, load)
  return all.row('inventory of 5,000 hosts')
}

/** The job that the tool receives: this work on these hosts, under this folder. */
export const describeTask = (
  on: Ground,
  servers: readonly Server[],
  work: Task['work'],
  folder: string,
): Task => ({
  inventory: on.inventory,
  pattern: servers.map(({ name }) => name).join(','),
  work,
  folder: join(on.dir, folder) as Task['folder'],
})

/**
 * The same work, measured several times. A measurement of less than all the work is a problem,
 * which the row names.
 */
export const startSeries = () => {
  const taken = { tool: [] as Measured[], raw: [] as Measured[] }
  const problems: string[] = []
  const take = async (
    by: 'tool' | 'raw',
    changed: number,
    work: () => Promise<Measured>,
  ): Promise<void> => {
    try {
      const measured = await work()
      if (measured.changed !== changed)
        throw new Error(`${measured.changed} changes, and not ${changed}`)
      taken[by].push(measured)
    } catch (error) {
      problems.push(`${by}: ${error instanceof Error ? error.message : error}`)
    }
  }
  const row = (work: string): Row => {
    const [byTool, byHand, reach] = [takeMedian(taken.tool), takeMedian(taken.raw), reaches[work]]
    return {
      work,
      problems,
      ...(byTool && { tool: byTool }),
      ...(byHand && { raw: byHand }),
      ...(reach && { reach }),
    }
  }
  return { take, problems, row }
}

/**
 * The tool at a task, in a separate process: started as a playbook is. Rejects with what it said
 * last.
 */
export const runTool = (task: Task, ms: number): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const args = [...zxArguments('scripts/bench/tool-process.ts'), JSON.stringify(task)]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout: Math.max(1, Math.round(ms)),
    })
    const [errors, figures] = [
      collectOutput(child.stderr),
      collectOutput(child.stdio[3] as typeof child.stderr),
    ]
    child.on('error', reject)
    child.on('close', code => {
      if (code === 0) resolve(JSON.parse(figures()) as Measured)
      else
        reject(
          new Error(
            errors().trim().split('\n')[0] || `ended with ${code ?? 'a signal: the time is over'}`,
          ),
        )
    })
  })

const collectOutput = (stream: NodeJS.ReadableStream | null): (() => string) => {
  let text = ''
  stream?.on('data', chunk => (text += chunk))
  return () => text
}
