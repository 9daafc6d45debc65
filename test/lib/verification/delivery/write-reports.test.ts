import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeReports } from '../../../../lib/verification/delivery/write-reports.ts'
import { renderNightJunit } from '../../../../lib/verification/report/night-junit.ts'
import { renderNightLines } from '../../../../lib/verification/report/night-lines.ts'
import { renderNightMetrics } from '../../../../lib/verification/report/night-metrics.ts'
import { renderNightPage } from '../../../../lib/verification/report/night-page.ts'
import { createEnvironmentNight, createNight } from '../../../support/sample-night.ts'

const test = suite('reports of a night on disk')

let folder = ''
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'brdtest-reports-'))
})
test.after.each(() => rmSync(folder, { recursive: true, force: true }))

const night = createNight()
const known = {
  before: [createNight([createEnvironmentNight()], { began: '2026-11-27T02:00:00.000Z' })],
  proofs: [{ environment: 'stage', provenAt: night.ended, restorableTo: null }],
}
const placesIn = (folder: string) => ({
  htmlFolder: join(folder, 'pages'),
  prometheusFile: join(folder, 'brd.prom'),
  junitFile: join(folder, 'junit.xml'),
  logFile: join(folder, 'log/nights.jsonl'),
})

test('all are written, and others may read them', async () => {
  const places = placesIn(folder)
  assert.equal(await writeReports(night, known, places), [
    { to: 'page', is: 'delivered', detail: places.htmlFolder },
    { to: 'metrics', is: 'delivered', detail: places.prometheusFile },
    { to: 'junit', is: 'delivered', detail: places.junitFile },
    { to: 'log', is: 'delivered', detail: places.logFile },
  ])
  const page = renderNightPage(night, known.before)
  const written: [string, string][] = [
    ['pages/index.html', page],
    ['pages/2026-11-28T02-00-00.000Z.html', page],
    ['brd.prom', renderNightMetrics(night, known.proofs)],
    ['junit.xml', renderNightJunit(night)],
    ['log/nights.jsonl', renderNightLines(night)],
  ]
  for (const [path, text] of written) {
    assert.is(readFileSync(join(folder, path), 'utf8'), text, path)
    assert.is(statSync(join(folder, path)).mode & 0o444, 0o444, path)
  }
  assert.equal(readdirSync(folder).sort(), ['brd.prom', 'junit.xml', 'log', 'pages'])
})

test('lines are added to the log; the rest is of the last night', async () => {
  const places = placesIn(folder)
  const later = { ...night, began: '2026-11-29T02:00:00.000Z', ended: '2026-11-29T03:00:00.000Z' }
  await writeReports(night, known, places)
  await writeReports(later, known, places)
  assert.is(readFileSync(places.logFile, 'utf8'), renderNightLines(night) + renderNightLines(later))
  assert.is(readFileSync(places.prometheusFile, 'utf8'), renderNightMetrics(later, known.proofs))
  assert.equal(readdirSync(places.htmlFolder).sort(), [
    '2026-11-28T02-00-00.000Z.html',
    '2026-11-29T02-00-00.000Z.html',
    'index.html',
  ])
})

test('what cannot be written is named, leaves nothing half, and keeps no other back', async () => {
  const places = placesIn(folder)
  writeFileSync(join(folder, 'file'), '')
  const all = await writeReports(night, known, {
    ...places,
    prometheusFile: join(folder, 'file/brd.prom'),
    htmlFolder: join(folder, 'file'),
  })
  assert.equal(
    all.map(({ to, is }) => `${to} ${is}`),
    ['page failed', 'metrics failed', 'junit delivered', 'log delivered'],
  )
  assert.match(all[1]?.detail ?? '', /^E(?:NOTDIR|EXIST): /)
  assert.equal(readdirSync(folder).sort(), ['file', 'junit.xml', 'log'])
})

test('pages of the oldest nights go, and no other file does', async () => {
  const places = { htmlFolder: folder }
  for (let i = 0; i < 400; i++)
    writeFileSync(join(folder, `2025-01-01T00-00-${String(i).padStart(3, '0')}Z.html`), '')
  writeFileSync(join(folder, '2024-notes.html'), '')
  await writeReports(night, known, places)
  assert.not.ok(existsSync(join(folder, '2025-01-01T00-00-000Z.html')))
  assert.ok(existsSync(join(folder, '2025-01-01T00-00-001Z.html')))
  assert.is(readdirSync(folder).length, 402)
})

test('without a place, nothing is written', async () =>
  assert.equal(await writeReports(night, known, {}), []))

test.run()
