#!/usr/bin/env -S npx zx
/**
 * Runs the tests: `npm test -- [paths] [--unit | --live] [--only NAME] [--yes]`. The last line is
 * `N passed, N failed, N skipped`.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { hostsUp } from './lab/up.ts'
import { type FileResult, timeLimit } from './test/file.ts'
import { nothing } from './test/report.ts'
import { runFiles } from './test/run.ts'
import { hostsOf, longestFirst, type Need, needOf, type Task } from './test/schedule.ts'
import { isLive, select } from './test/select.ts'
import { fileLines, summary } from './test/summary.ts'
import { installTools } from './test/tools.ts'

const usage = `npm test -- [paths] [--unit | --live] [--only NAME] [--yes]
  paths         files or folders, such as test/lib/sh.test.ts or test/lib (default: all)
  --unit        those that need no lab
  --live        those that need the lab; it is raised first
  --only NAME   files with NAME in their file name
  -y, --yes     install what is missing on this machine without asking
`

const root = fileURLToPath(new URL('..', import.meta.url))
const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const testFiles = (): string[] =>
  readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.test.ts'))
    .map(path => join('test', path))

/** Whether its hosts stand, and whether the images are in its registry too. */
type Lab = { readonly hosts: Promise<boolean>; readonly images: Promise<boolean> }

/** Raises the lab, all of whose messages are seen. */
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
    ...nothing,
    failed: 1,
    problems: ['the lab did not come up, so not every live test was run: see its messages above'],
  },
  ms: 0,
  output: '',
  open: [],
}

const task = (file: string): Task => {
  const source = readFileSync(file, 'utf8')
  const live = isLive(file)
  return {
    file,
    hosts: live ? hostsOf(source) : [],
    seconds: timeLimit(file, source),
    needs: live ? needOf(source) : 'nothing',
  }
}

/**
 * The live tests: one at a time while the unit tests run, then three, each as soon as there is of
 * the lab what it needs.
 */
const runLive = async (
  tasks: readonly Task[],
  units: Promise<unknown>,
  stopped: AbortSignal,
): Promise<FileResult[]> => {
  const images = tasks.some(({ needs }) => needs === 'images')
  const lab = raiseLab(['up', '--yes', ...(images ? [] : ['--images', 'none'])], stopped)
  const there: Record<Need, boolean | 'never'> = { nothing: true, hosts: false, images: false }
  let atOnce = 1
  const changes = [
    lab.hosts.then(up => {
      there.hosts = up || 'never'
    }),
    lab.images.then(up => {
      there.images = up || 'never'
    }),
    units.then(() => {
      atOnce = 3
    }),
  ]
  const results = await runFiles(
    longestFirst(tasks),
    { atOnce: () => atOnce, ready: ({ needs }) => there[needs], changes },
    stopped,
    say,
  )
  if ((await lab.images) || stopped.aborted) return results
  say(fileLines(noLab))
  return [...results, noLab]
}

/** The unit tests, two at a time, and beside them what of the live ones can be run already. */
const runAll = async (
  unit: readonly string[],
  live: readonly string[],
  stopped: AbortSignal,
): Promise<FileResult[]> => {
  const units = runFiles(unit.map(task), { atOnce: () => 2 }, stopped, say)
  const lives = live.length > 0 ? runLive(live.map(task), units, stopped) : []
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
  const files = select(testFiles(), {
    paths: positionals,
    unit: values.unit ?? false,
    live: values.live ?? false,
    ...(values.only === undefined ? {} : { only: values.only }),
  })
  if (files.unit.length + files.live.length === 0)
    throw new Error('no test file is asked for by these arguments')
  const stop = new AbortController()
  process.on('SIGINT', () => stop.abort())
  process.on('SIGTERM', () => stop.abort())
  installTools(values.yes ?? false, say)
  const results = await runAll(files.unit, files.live, stop.signal)
  say('')
  for (const line of summary(results)) say(line)
  if (stop.signal.aborted) return 130
  return results.some(({ report }) => report.failed > 0) ? 1 : 0
}

process.chdir(root)
process.exitCode = await main().catch((error: Error) => {
  say(`${error.message}\n\n${usage.trimEnd()}`)
  return 1
})
