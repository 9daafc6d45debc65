#!/usr/bin/env -S npx zx
/** Runs the tests: `npm test -- [paths] [--unit | --live] [--only NAME] [--yes]`. The last line is `N passed, N failed, N skipped`. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type FileResult, timeLimit } from '../lib/testing/file.ts'
import { nothing } from '../lib/testing/report.ts'
import { runFiles } from '../lib/testing/run.ts'
import { hostsOf, longestFirst, type Task } from '../lib/testing/schedule.ts'
import { isLive, select } from '../lib/testing/select.ts'
import { fileLines, summary } from '../lib/testing/summary.ts'
import { installTools } from '../lib/testing/tools.ts'

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

/** Raises the lab, all of whose messages are seen. True where it stands. */
const raiseLab = (stopped: AbortSignal): Promise<boolean> =>
  new Promise(resolve => {
    say('raising the lab for the live tests: npx zx scripts/lab.ts up --yes')
    const lab = spawn('npx', ['zx', 'scripts/lab.ts', 'up', '--yes'], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      signal: stopped,
      timeout: 30 * 60_000,
    })
    lab.on('error', () => resolve(false))
    lab.on('exit', code => resolve(code === 0))
  })

const noLab: FileResult = {
  file: 'scripts/lab.ts up --yes',
  report: { ...nothing, failed: 1, problems: ['the lab did not come up, so no live test was run: see its messages above'] },
  ms: 0,
  output: '',
  open: [],
}

const task = (file: string): Task => {
  const source = readFileSync(file, 'utf8')
  return { file, hosts: isLive(file) ? hostsOf(source) : [], seconds: timeLimit(file, source) }
}

/** The unit tests, and meanwhile the lab is raised for the live ones, which come then, two at a time where they have hosts of their own. */
const runAll = async (unit: readonly string[], live: readonly string[], stopped: AbortSignal): Promise<FileResult[]> => {
  const raised = live.length > 0 ? raiseLab(stopped) : Promise.resolve(false)
  const results = await runFiles(unit.map(task), 2, stopped, say)
  if (live.length === 0 || stopped.aborted) return results
  if (await raised) return [...results, ...(await runFiles(longestFirst(live.map(task)), 2, stopped, say))]
  say(fileLines(noLab))
  return [...results, noLab]
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
  if (files.unit.length + files.live.length === 0) throw new Error('no test file is asked for by these arguments')
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
