#!/usr/bin/env -S npx zx
/**
 * `npm run test:backups`: every kind of damage, twenty instants and twenty kills, on the lab's
 * engine. What was found before is not tried again; `-- --again` begins anew. At the end it writes
 * the table in docs/backups.md.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeWhole } from '../../lib/disk/write-whole.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { print } from '../../lib/report/print.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { askDocker } from '../../lib/verification/docker-process.ts'
import { LABEL } from '../../lib/verification/throwaway.ts'
import { type BackupLab, openBackupLab } from '../support/backup-lab.ts'
import { findWrongInstants } from './instants.ts'
import { killVerifier, type Moment } from './kills.ts'
import { damages, withDamage } from './kinds.ts'
import { seedBackups } from './seed.ts'
import { judgePart, verifyPart } from './verify.ts'

/** How often instants are restored, and verifiers killed. */
const TIMES = 20
const PROGRESS = labPath('test-backups.json')
const TABLE = fileURLToPath(new URL('../../docs/backups.md', import.meta.url))

type Row = { readonly is: 'found' | 'missed'; readonly said: string; readonly at: string }
type Progress = Record<string, Row>

const progress: Progress =
  existsSync(PROGRESS) && !process.argv.includes('--again')
    ? (JSON.parse(readFileSync(PROGRESS, 'utf8')) as Progress)
    : {}

/** Makes a row unless it is there; keeps it on disk. */
const step = async (name: string, work: () => Promise<string | null>): Promise<void> => {
  if (progress[name]?.is === 'found') return
  const wrong = await work().catch((error: Error) => error.message)
  progress[name] = {
    is: wrong === null ? 'found' : 'missed',
    said: wrong ?? '',
    at: new Date().toISOString(),
  }
  await writeWhole(PROGRESS, JSON.stringify(progress, null, 2), 0o600)
  print(`${wrong === null ? 'ok  ' : 'FAIL'}  ${name}${wrong === null ? '' : `\n      ${wrong}`}`)
}

const judge = async (lab: BackupLab, damage: (typeof damages)[number]): Promise<string | null> =>
  withDamage(lab, damage, async () => {
    const made = await verifyPart(lab, damage.part, damage.circumstances?.(lab))
    const said = judgePart(damage.part, made)
    return damage.wanted.test(said) ? null : said
  })

const kill = async (lab: BackupLab, i: number): Promise<string | null> => {
  const moment = (['open', 'run', 'fetch'] satisfies Moment[])[i % 3]!
  await killVerifier(lab, moment, Math.floor(Math.random() * 500))
  const isGone = async (): Promise<boolean> =>
    (
      await askDocker(lab.docker, [
        ...['ps', '--all', '--quiet', '--filter', `label=${LABEL}=killed`],
      ])
    ).stdout === ''
  return (await pollUntil(60_000, isGone)) ? null : 'a container is left'
}

const renderTable = (): string => {
  const rows = damages.map(({ name, part }) => {
    const row = progress[name]
    return `| ${part} | ${name} | ${row?.is ?? 'not tried'} |`
  })
  const count = (is: (row: Row | undefined) => boolean): number =>
    damages.filter(({ name }) => is(progress[name])).length
  return `${[
    '# Proving backups',
    '',
    'Written by `npm run test:backups`, in the lab, with the stand-in for wal-g that really ' +
      `backs up, on ${new Date().toISOString().slice(0, 10)}.`,
    '',
    '- Kinds of damage that were found, each with its reason: ' +
      `${count(row => row?.is === 'found')} of ${damages.length}.`,
    `- Instants (positions of acknowledged writes) that were restored exactly: ${
      progress['instants']?.is === 'found' ? TIMES : 'not all'
    } of ${TIMES}.`,
    `- Verifiers that were killed and left nothing: ${
      Array.from({ length: TIMES }, (_, i) => progress[`kill ${i}`]).filter(
        row => row?.is === 'found',
      ).length
    } of ${TIMES}.`,
    '',
    '| part | damage | |',
    '|---|---|---|',
    ...rows,
  ].join('\n')}\n`
}

const lab = await openBackupLab()
try {
  const written = await seedBackups(lab, TIMES)
  for (const part of ['database', 'files'] as const)
    await step(`whole: ${part}`, async () => {
      const said = judgePart(part, await verifyPart(lab, part))
      return said === 'PASS' ? null : said
    })
  await step('instants', async () => (await findWrongInstants(lab, written)).join('\n') || null)
  for (const damage of damages) await step(damage.name, () => judge(lab, damage))
  for (let i = 0; i < TIMES; i++) await step(`kill ${i}`, () => kill(lab, i))
} finally {
  await lab.end()
}
await writeWhole(TABLE, renderTable(), 0o644)
const rows = Object.values(progress)
const missed = rows.filter(({ is }) => is === 'missed').length
print(`${rows.length - missed} passed, ${missed} failed`)
if (missed > 0) process.exitCode = 1
