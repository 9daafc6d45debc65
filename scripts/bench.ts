#!/usr/bin/env -S npx zx
/** `npm run bench`: how quick the tool is beside one script by hand over OpenSSH, in the same run. Under three minutes; nothing outside this machine. */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { argumentsOf } from '../lib/arguments.ts'
import { installed } from '../lib/testing/skip.ts'
import { noSshd } from '../test/support/sshd.ts'
import { ground } from './bench/ground.ts'
import type { Row } from './bench/measured.ts'
import { largeInventory, w1, w2 } from './bench/rows.ts'
import { table } from './bench/table.ts'

/** Seconds that all of it may take; on a busy machine the last rows are left out. */
const BUDGET = 150

const measure = async (): Promise<Row[]> => {
  const since = performance.now()
  const left = () => BUDGET * 1000 - (performance.now() - since)
  const on = await ground(100)
  const broken = () => void on.clear().then(() => process.exit(130))
  process.once('SIGINT', broken).once('SIGTERM', broken)
  try {
    const large = await largeInventory(on, left)
    const near = await w1(on, '1 host', on.servers.slice(0, 1), 3, left)
    const distant = await w1(on, '1 host at 20 ms', [on.far], 3, left)
    const many = [await w2(on, left), ...(await w1(on, '50 hosts', on.servers.slice(0, 50), 1, left))]
    return [...near, ...distant, ...many, large]
  } finally {
    await on.clear()
  }
}

const load = (): number => Number((loadavg()[0] ?? 0).toFixed(1))

const bench = async (json: boolean): Promise<string> => {
  const before = load()
  const rows = await measure()
  const machine = { cores: cpus().length, node: process.version, load: { before, after: load() } }
  if (json) return JSON.stringify({ machine, rows }, null, 2)
  const words = `${machine.cores} cores, Node ${machine.node}, load ${before} before and ${machine.load.after} after. What the columns mean: docs/speed.md`
  return [table(rows), ...rows.flatMap(({ work, problems }) => problems.map(it => `${work}: ${it}`)), words].join('\n')
}

const { values } = parseArgs({
  args: argumentsOf(import.meta),
  options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})
const missing = noSshd() ?? (installed('ssh') && installed('bash') ? null : 'ssh and bash are needed: apt-get install openssh-client bash')
if (values.help) process.stdout.write('npm run bench [-- --json]\nWhat is measured, and how: docs/speed.md\n')
else if (missing === null) process.stdout.write(`${await bench(values.json === true)}\n`)
else {
  process.stderr.write(`${missing}\n`)
  process.exitCode = 1
}
