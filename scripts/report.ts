#!/usr/bin/env -S npx zx
/**
 * Renders the report page of a run again from its events, also of a run that was killed:
 * `npx zx scripts/report.ts .runs/TIME-PLAYBOOK`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { renderReportPage } from '../lib/report/html/page.ts'
import { print } from '../lib/report/print.ts'
import { replay } from '../lib/report/replay.ts'

const script: ScriptDefinition<Record<never, never>> = {
  usage: ['scripts/report.ts .runs/TIME-PLAYBOOK …'],
  about: 'Renders report.html of each record from its events.jsonl. A killed run has no page yet.',
  flags: {},
  needsWords: true,
}

/** Writes the page of a record; returns its path. */
const writePage = (folder: string): string => {
  const events = join(folder, 'events.jsonl')
  const html = renderReportPage(replay(readEvents(events), events), basename(resolve(folder)))
  const path = join(folder, 'report.html')
  writeFileSync(path, html, { mode: 0o600 })
  return path
}

const readEvents = (path: string): string => {
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

await runScript(import.meta, script, ({ words }) => print(words.map(writePage).join('\n')))
