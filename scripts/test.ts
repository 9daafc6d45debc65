#!/usr/bin/env -S npx zx
/**
 * Runs the tests: `npm test -- [paths] [--unit | --live] [--only NAME] [--yes]`. The last line is
 * `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { printStyled as say } from '../lib/report/print.ts'
import { hostsUp } from './lab/up.ts'
import { findUnexpectedSkips, findUnusedEntries, listSkips } from './test/expected-skips.ts'
import { installTools } from './test/install-tools.ts'
import { emptyReport } from './test/report.ts'
import type { FileResult } from './test/run-file.ts'
import { runFiles } from './test/run-files.ts'
import { makeTask, type Need, orderTasks, type TestTask } from './test/schedule.ts'
import { selectFiles } from './test/select.ts'
import { formatFile, formatSummary } from './test/summary.ts'

const usage = `npm test -- [paths] [--unit | --live] [--only NAME] [--yes]
  paths         files or folders, such as test/lib/sh.test.ts or test/lib (default: all)
  --unit        only the tests that run without the lab
  --live        only the tests that run on the lab, which is raised first
  --only NAME   files with NAME in their file name
  -y, --yes     install missing programs on this machine without asking

A skip that scripts/test/expected-skips.ts does not list fails the run.
`

const root = fileURLToPath(new URL('..', import.meta.url))

const listTestFiles = (): string[] =>
  readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.test.ts'))
    .map(path => join('test', path))

/** Resolve to whether the hosts run, and whether the registry has the images. */
type Lab = { readonly hosts: Promise<boolean>; readonly images: Promise<boolean> }

/** Raises the lab and prints its messages. */
const raiseLab = (words: readonly string[], stopped: AbortSignal): Lab => {
  say(`raising the lab for the live tests: npx zx scripts/lab.ts ${words.join(' ')}`)
  const lab = spawn('npx', ['zx', 'scripts/lab.ts', ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: stopped,
    timeout: 30 * 60_000,
  })
  const images = new Promise<boolean>(resolve => {
    lab.on('error', () => resolve(false))
    lab.on('exit', code => resolve(code === 0))
  })
  const hosts = new Promise<boolean>(resolve => {
    createInterface(lab.stdout).on('line', line => {
      say(line)
      if (line.startsWith(hostsUp)) resolve(true)
    })
    void images.then(resolve)
  })
  return { hosts, images }
}

const noLab: FileResult = {
  file: 'scripts/lab.ts up --yes',
  report: {
    ...emptyReport,
    failed: 1,
    problems: ['the lab did not come up, so not every live test ran: read its messages above'],
  },
  ms: 0,
  output: '',
  open: [],
}

/**
 * Runs the live tests, each as soon as the lab has what it needs: one at a time beside the unit
 * tests, then three.
 */
const runLive = async (
  tasks: readonly TestTask[],
  units: Promise<unknown>,
  stopped: AbortSignal,
): Promise<FileResult[]> => {
  const images = tasks.some(({ needs }) => needs === 'images')
  const lab = raiseLab(['up', '--yes', ...(images ? [] : ['--images', 'none'])], stopped)
  const met: Record<Need, boolean | 'never'> = { nothing: true, hosts: false, images: false }
  let atOnce = 1
  const changes = [
    lab.hosts.then(up => {
      met.hosts = up || 'never'
    }),
    lab.images.then(up => {
      met.images = up || 'never'
    }),
    units.then(() => {
      atOnce = 3
    }),
  ]
  const results = await runFiles(
    orderTasks(tasks),
    { atOnce: () => atOnce, ready: ({ needs }) => met[needs], changes },
    stopped,
    say,
  )
  if ((await lab.images) || stopped.aborted) return results
  say(formatFile(noLab))
  return [...results, noLab]
}

/** Runs the unit tests, two at a time, and the live tests beside them. */
const runAll = async (
  unit: readonly string[],
  live: readonly string[],
  stopped: AbortSignal,
): Promise<FileResult[]> => {
  const units = runFiles(unit.map(makeTask), { atOnce: () => 2 }, stopped, say)
  const lives = live.length > 0 ? runLive(live.map(makeTask), units, stopped) : []
  return [...(await units), ...(await lives)]
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(process.argv.findIndex(arg => arg.endsWith('scripts/test.ts')) + 1),
    allowPositionals: true,
    options: {
      unit: { type: 'boolean' },
      live: { type: 'boolean' },
      only: { type: 'string' },
      yes: { type: 'boolean', short: 'y' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    say(usage.trimEnd())
    return 0
  }
  const files = selectFiles(listTestFiles(), {
    paths: positionals,
    unit: values.unit ?? false,
    live: values.live ?? false,
    ...(values.only === undefined ? {} : { only: values.only }),
  })
  if (files.unit.length + files.live.length === 0)
    throw new Error('no test file matches these arguments')
  const stop = new AbortController()
  process.on('SIGINT', () => stop.abort())
  process.on('SIGTERM', () => stop.abort())
  installTools(values.yes ?? false, say)
  const results = await runAll(files.unit, files.live, stop.signal)
  say('')
  const skips = listSkips(results)
  const unexpected = findUnexpectedSkips(skips, Boolean(process.env['CI']))
  const whole = positionals.length === 0 && !values.unit && !values.live && !values.only
  const unused = whole && !stop.signal.aborted ? findUnusedEntries(skips) : []
  for (const line of formatSummary(results, { unexpected, unused })) say(line)
  if (stop.signal.aborted) return 130
  return unexpected.length > 0 || results.some(({ report }) => report.failed > 0) ? 1 : 0
}

process.chdir(root)
process.exitCode = await main().catch((error: Error) => {
  say(`${error.message}\n\n${usage.trimEnd()}`)
  return 1
})
