#!/usr/bin/env -S npx zx
/**
 * `npm run bench`: how quick the tool is beside one script by hand over OpenSSH, in the same run.
 * Under three minutes, `-- --all` under half an hour; nothing outside this machine.
 */
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { explainMissingSshd } from '../test/support/sshd.ts'
import { type Ground, ground } from './bench/ground.ts'
import { w3, w3Folder } from './bench/large.ts'
import type { Other, Row } from './bench/measured.ts'
import { others } from './bench/others.ts'
import { type Left, largeInventory, w1, w2 } from './bench/rows.ts'
import { comparison, table } from './bench/table.ts'
import { isInstalled } from './test/skip.ts'

/**
 * Seconds that it may take; on a busy machine the last rows are left out. `--all` adds ten and a
 * thousand hosts, the large file and other tools.
 */
const BUDGET = { some: 150, all: 1500 }

type Measuring = { readonly rows: readonly Row[]; readonly others: readonly Other[] }

const measure = async (all: boolean): Promise<Measuring> => {
  const since = performance.now()
  const left = () => (all ? BUDGET.all : BUDGET.some) * 1000 - (performance.now() - since)
  const on = await ground(all ? 1000 : 100)
  const broken = () => void on.clear().then(() => process.exit(130))
  process.once('SIGINT', broken).once('SIGTERM', broken)
  try {
    const some = await rowsOf(on, left)
    return all
      ? { rows: [...some, ...(await more(on, left))], others: await others(on, left) }
      : { rows: some, others: [] }
  } finally {
    await on.clear()
  }
}

const rowsOf = async (on: Ground, left: Left): Promise<Row[]> => {
  const large = await largeInventory(on, left)
  const near = await w1(on, '1 host', on.servers.slice(0, 1), 3, left)
  const distant = await w1(on, '1 host at 20 ms', [on.far], 3, left)
  const many = [
    await w2(on, 100, left),
    ...(await w1(on, '50 hosts', on.servers.slice(0, 50), 1, left)),
  ]
  return [...near, ...distant, ...many, large]
}

const more = async (on: Ground, left: Left): Promise<Row[]> => [
  ...(await w1(on, '10 hosts', on.servers.slice(0, 10), 1, left)),
  ...(await w3(on, left)),
  ...(await w3Folder(on, left)),
  await w2(on, 1000, left),
]

const load = (): number => Number((loadavg()[0] ?? 0).toFixed(1))

const bench = async (json: boolean, all: boolean): Promise<string> => {
  const before = load()
  const { rows, others } = await measure(all)
  const machine = { cores: cpus().length, node: process.version, load: { before, after: load() } }
  if (json) return JSON.stringify({ machine, rows, others }, null, 2)
  const words = `${machine.cores} cores, Node ${machine.node}, load ${before} before and ${machine.load.after} after. What the columns mean: docs/speed.md`
  const problems = [...rows, ...others].flatMap(({ work, problems }) =>
    problems.map(it => `${work}: ${it}`),
  )
  return [
    table(rows),
    ...(others.length > 0 ? ['', comparison(others, rows)] : []),
    ...problems,
    words,
  ].join('\n')
}

const { values } = parseArgs({
  args: readArguments(import.meta),
  options: {
    json: { type: 'boolean' },
    all: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  },
})
const missing =
  explainMissingSshd() ??
  (isInstalled('ssh') && isInstalled('bash')
    ? null
    : 'ssh and bash are needed: apt-get install openssh-client bash')
if (values.help)
  process.stdout.write(
    'npm run bench [-- --all --json]\nWhat is measured, and how: docs/speed.md\n',
  )
else if (missing === null)
  process.stdout.write(`${await bench(values.json === true, values.all === true)}\n`)
else {
  process.stderr.write(`${missing}\n`)
  process.exitCode = 1
}
