#!/usr/bin/env -S npx zx
/**
 * `npm run bench`: how quick the tool is, first as a whole process, then beside one script by hand
 * over OpenSSH. Under three minutes, `-- --all` under half an hour; nothing outside this machine.
 */
import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { print, say } from '../lib/report/print.ts'
import { explainMissingSshd } from '../test/support/sshd.ts'
import { comparePairs, type Pair, renderPairTable } from './bench/against.ts'
import { type Ground, openGround } from './bench/bench-hosts.ts'
import { openCheckout } from './bench/checkout.ts'
import { prepareJobs, prepareMoreJobs, prepareSecondRun } from './bench/jobs.ts'
import { measureW3, measureW3Folder } from './bench/large-files.ts'
import type { Other, Row } from './bench/measurement.ts'
import { adviseTools, findTools, measureOthers } from './bench/other-tools.ts'
import { showStep } from './bench/progress.ts'
import { type Left, measureLargeInventory, measureW1, measureW2 } from './bench/rows.ts'
import { renderComparison, renderTable } from './bench/table.ts'
import { measureWholeRows, renderWholeTable } from './bench/whole-rows.ts'
import { isInstalled } from './test/skip.ts'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/**
 * Seconds that it may take; on a busy machine the last rows are left out. `--all` adds ten and a
 * thousand hosts, the large file and other tools.
 */
const BUDGET = { some: 170, all: 1500 }

type Measuring = {
  readonly whole: readonly Row[]
  readonly rows: readonly Row[]
  readonly others: readonly Other[]
}

/** Gives a ground to the work, and clears it also on Ctrl-C. */
const withGround = async <T>(
  hosts: number,
  seconds: number,
  work: (on: Ground, left: Left) => Promise<T>,
): Promise<T> => {
  const since = performance.now()
  const left = () => seconds * 1000 - (performance.now() - since)
  showStep(`${hosts} addresses of private sshds`)
  const on = await openGround(hosts)
  const broken = () => void on.clear().then(() => process.exit(130))
  process.once('SIGINT', broken).once('SIGTERM', broken)
  try {
    return await work(on, left)
  } finally {
    await on.clear()
  }
}

const measure = async (on: Ground, left: Left, all: boolean): Promise<Measuring> => {
  const jobs = await prepareJobs(on, left)
  if (all)
    jobs.push((await prepareSecondRun(on, '10 hosts', on.servers.slice(0, 10), left))('node'))
  const whole = await measureWholeRows(jobs, openCheckout(root, on), all ? 5 : 3, left)
  const some = await measureRows(on, left)
  return all
    ? {
        whole,
        rows: [...some, ...(await measureMore(on, left))],
        others: await measureOthers(findTools(process.env), on, left),
      }
    : { whole, rows: some, others: [] }
}

const measureRows = async (on: Ground, left: Left): Promise<Row[]> => {
  const large = await measureLargeInventory(on, left)
  const near = await measureW1(on, '1 host', on.servers.slice(0, 1), 3, left)
  const distant = await measureW1(on, '1 host at 20 ms', [on.far], 3, left)
  const many = [
    await measureW2(on, 100, left),
    ...(await measureW1(on, '50 hosts', on.servers.slice(0, 50), 1, left)),
  ]
  return [...near, ...distant, ...many, large]
}

const measureMore = async (on: Ground, left: Left): Promise<Row[]> => [
  ...(await measureW1(on, '10 hosts', on.servers.slice(0, 10), 1, left)),
  ...(await measureW3(on, left)),
  ...(await measureW3Folder(on, left)),
  await measureW2(on, 1000, left),
]

const readLoad = (): number => Number((loadavg()[0] ?? 0).toFixed(1))

type Machine = {
  readonly cores: number
  readonly node: string
  readonly load: { readonly before: number; readonly after: number }
}

const describe = ({ cores, node, load }: Machine): string =>
  `${cores} cores, Node ${node}, load ${load.before} before and ${load.after} after. ` +
  'What the columns mean: docs/speed.md'

const describeMachine = (before: number): Machine => ({
  cores: cpus().length,
  node: process.version,
  load: { before, after: readLoad() },
})

const runBench = async (json: boolean, all: boolean): Promise<string> => {
  const before = readLoad()
  const measured = await withGround(all ? 1000 : 100, all ? BUDGET.all : BUDGET.some, (on, left) =>
    measure(on, left, all),
  )
  const machine = describeMachine(before)
  if (json) return JSON.stringify({ machine, ...measured }, null, 2)
  const { whole, rows, others } = measured
  const problems = [...whole, ...rows, ...others].flatMap(({ work, problems }) =>
    problems.map(it => `${work}: ${it}`),
  )
  const advice = all ? adviseTools(findTools(process.env)) : null
  return [
    renderWholeTable(whole),
    '',
    renderTable(rows),
    ...(others.length > 0 ? ['', renderComparison(others, whole)] : []),
    ...problems,
    ...(advice ? [advice] : []),
    describe(machine),
  ].join('\n')
}

/** This checkout beside another one, by whole processes in interleaved pairs. */
const runAgainst = async (other: string, pairs: number, json: boolean): Promise<string> => {
  const before = readLoad()
  const compared: Pair[] = await withGround(100, BUDGET.all, async (on, left) => {
    const jobs = [...(await prepareJobs(on, left)), ...(await prepareMoreJobs(on, left))]
    const checkouts = [openCheckout(other, on), openCheckout(root, on)] as const
    return comparePairs(jobs, checkouts, pairs, left)
  })
  const machine = describeMachine(before)
  if (json) return JSON.stringify({ machine, other, compared }, null, 2)
  return [`${other} -> ${root}, medians`, renderPairTable(compared), describe(machine)].join('\n')
}

const help = `npm run bench [-- --all --json]
npm run bench -- --against CHECKOUT [--pairs 10]   before and after, in interleaved pairs
What is measured, and how: docs/speed.md
`

const { values } = parseArgs({
  args: readArguments(import.meta),
  options: {
    json: { type: 'boolean' },
    all: { type: 'boolean' },
    against: { type: 'string' },
    pairs: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})
const missing =
  explainMissingSshd() ??
  (isInstalled('ssh') && isInstalled('bash')
    ? null
    : 'ssh and bash are needed: apt-get install openssh-client bash')
if (values.help) print(help.trimEnd())
else if (missing === null)
  print(
    await (values.against === undefined
      ? runBench(values.json === true, values.all === true)
      : runAgainst(resolve(values.against), Number(values.pairs ?? 10), values.json === true)),
  )
else {
  say(missing)
  process.exitCode = 1
}
