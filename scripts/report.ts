#!/usr/bin/env -S npx zx
/**
 * Makes the page of a run again from its events, also of one that was killed: `npx zx
 * scripts/report.ts .runs/TIME-PLAYBOOK`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { readArguments } from '../lib/cli/argv.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { renderReportPage } from '../lib/report/html/page.ts'
import { replay } from '../lib/report/replay.ts'

const help = `npx zx scripts/report.ts .runs/TIME-PLAYBOOK …
Writes report.html of each record anew, from its events.jsonl: of a run that was killed there is none yet.`

/** The page that was written. */
const written = (folder: string): string => {
  const events = join(folder, 'events.jsonl')
  const html = renderReportPage(replay(contents(events), events), basename(resolve(folder)))
  const path = join(folder, 'report.html')
  writeFileSync(path, html, { mode: 0o600 })
  return path
}

const contents = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError(
      {
        place: path,
        message: 'cannot be read',
        next: 'give the folder of a record, such as one of .runs',
      },
      { cause },
    )
  }
}

try {
  const folders = readArguments(import.meta)
  const flag = folders.find(word => word.startsWith('-'))
  if (flag !== undefined && flag !== '-h' && flag !== '--help')
    throw new InputError({ place: flag, message: 'no such flag', next: 'see --help' })
  const said = flag !== undefined || folders.length === 0 ? [help] : folders.map(written)
  process.stdout.write(`${said.join('\n')}\n`)
} catch (error) {
  if (!(error instanceof InputError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
