import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readHolder, withLabLock } from '../../../scripts/lab/lock.ts'
import { withZombie } from '../../support/zombie.ts'

let home: string
test.before.each(async () => {
  home = await mkdtemp(join(tmpdir(), 'lab-lock-'))
  process.env['BRD_LAB_HOME'] = home
})
test.after.each(() => rm(home, { recursive: true }))

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'not refused',
    error => error.message,
  )

test('a second one is refused while the first works, and told who works', async () => {
  const said = await withLabLock('lab', 'lab up', () =>
    refusal(withLabLock('lab', 'lab down', async () => {})),
  )
  assert.match(said, `\`lab up\` runs as process ${process.pid}`)
})

test('the images are another matter than the hosts', async () => {
  assert.is(
    await withLabLock('images', 'fill', () => withLabLock('lab', 'reset', async () => 'both')),
    'both',
  )
})

test('it is given back after the work, also when that fails, and leaves no file', async () => {
  assert.is(
    await refusal(withLabLock('lab', 'lab up', () => Promise.reject(new Error('broke')))),
    'broke',
  )
  assert.is(await readHolder(), null)
  assert.equal(await readdir(home), [])
})

test('a dead holder does not count, nor another process with its number', async () => {
  for (const dead of [
    { action: 'lab up', pid: 4_194_300, started: '1' },
    { action: 'lab up', pid: process.pid, started: '1' },
  ]) {
    await writeFile(join(home, 'lab.lock'), JSON.stringify(dead))
    assert.is(await withLabLock('lab', 'lab down', async () => 'taken'), 'taken')
  }
})

test('a holder that has ended, for which its parent has not asked, does not count', () =>
  withZombie(async pid => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const started = stat.split(') ').at(-1)?.split(' ')[19]
    for (const dead of [
      { action: 'lab up', pid, started },
      { action: 'lab up', pid },
    ]) {
      await writeFile(join(home, 'lab.lock'), JSON.stringify(dead))
      assert.is(await withLabLock('lab', 'lab down', async () => 'taken'), 'taken')
    }
  }))

test('of many at once exactly one works', async () => {
  let most = 0
  let now = 0
  const work = async () => {
    now += 1
    most = Math.max(most, now)
    await new Promise(done => setTimeout(done, 50))
    now -= 1
  }
  await writeFile(
    join(home, 'lab.lock'),
    JSON.stringify({ action: 'dead', pid: 4_194_300, started: '1' }),
  )
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => withLabLock('lab', 'race', work)),
  )
  assert.is(most, 1)
  assert.ok(results.some(result => result.status === 'fulfilled'))
})

test.run()
