import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Event } from '../../../../lib/events.ts'
import { writeLocalInventory } from '../../../support/local-inventory.ts'
import { parseEvents, root, runPlaybook } from '../../../support/run-playbook.ts'

const name = `facts-${process.pid}`
const inventory = writeLocalInventory(name)
const kept = join(root, '.runs/facts', `${name}.json`)
test.after(() => rmSync(kept, { force: true }))

const check = async (
  ...flags: readonly string[]
): Promise<{ code: number | null; all: Event[] }> => {
  const { code, stdout, stderr } = await runPlaybook('facts', [
    '-i',
    inventory,
    '--check',
    '--json',
    ...flags,
  ])
  assert.is(stderr, '')
  return { code, all: parseEvents(stdout) }
}
const contents = (all: readonly Event[]) =>
  all.flatMap(event =>
    event.type === 'op-settled' && event.outcome.is === 'would-change'
      ? event.outcome.diff.filter(({ key }) => key === 'content').map(({ after }) => after)
      : [],
  )
const notes = (all: readonly Event[]) =>
  all.flatMap(event => (event.type === 'note' ? [event.text] : []))

test('a list is made of facts, which cost one round trip', async () => {
  const { code, all } = await check()
  assert.is(code, 0)
  assert.match(contents(all)[0] ?? '', new RegExp(`^${name} Etc/UTC \\w+$`))
  const plays = all.flatMap(event => (event.type === 'play-started' ? [event.name] : []))
  assert.equal(plays, ['facts', 'facts', 'facts', 'second'])
  const trips = all.flatMap(event => (event.type === 'host-finished' ? [event.trips] : []))
  assert.equal(trips, [1, 1, 1, 1])
})

test('a fact that cannot be read is an error of its host, which names it', async () => {
  const { code, all } = await check('--broken')
  assert.is(code, 2)
  const error = all.flatMap(event =>
    event.type === 'host-finished' && event.error ? [event.error.message] : [],
  )[0]
  assert.is(error, 'fact broken: cannot be read: the probe failed (exit 3): no such thing')
  assert.is(notes(all)[0], `ok , failed ${name}`)
  assert.equal(contents(all), [])
})

test('check mode leaves out, with a note, what needs a fact that is still pending', async () => {
  const { code, all } = await check('--late')
  assert.is(code, 0)
  assert.equal(notes(all).slice(1), [
    'left out: what is listed from facts that are not known yet (broken)',
  ])
  assert.is(contents(all).length, 1)
})

test('facts stay for minutes in a private file, and a run says that it uses them', async () => {
  const first = await check('--cache', '10')
  assert.equal(
    notes(first.all).filter(text => text.includes('from')),
    [],
  )
  assert.is(statSync(kept).mode & 0o777, 0o600)
  const second = await check('--cache', '10')
  assert.match(
    notes(second.all)[0] ?? '',
    /^the facts of 1 host are from .*\/\.runs\/facts, up to [\d.]+ m?s old$/,
  )
  assert.equal(contents(second.all), contents(first.all))
  const old = readFileSync(kept, 'utf8').replace(/"at":\d+/, `"at":${Date.now() - 11 * 60_000}`)
  writeFileSync(kept, old)
  const third = await check('--cache', '10')
  assert.equal(
    notes(third.all).filter(text => text.includes('from')),
    [],
  )
  assert.not.equal(readFileSync(kept, 'utf8'), old)
})

test('--tags leaves no fact out, and --list-tasks reads none', async () => {
  const { all } = await check('--tags', 'second')
  const ends = all.flatMap(event => (event.type === 'op-settled' ? [event.outcome.is] : []))
  assert.equal(ends.slice(0, 2), ['ok', 'skipped'])
  const { stdout, code } = await runPlaybook('facts', ['-i', inventory, '--list-tasks'])
  assert.is(code, 0)
  assert.match(
    stdout,
    new RegExp(
      `^${name}\\n {2}facts: fact os\\n${name}\\n {2}left out: what is listed from facts that are not known yet \\(os\\)\\n`,
    ),
  )
})

test('no file of the cache is left half written', () =>
  assert.equal(
    readdirSync(join(root, '.runs/facts')).filter(file => /\.json\.\d+$/.test(file)),
    [],
  ))

test.run()
