import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { synchronise } from '../../../../lib/run/files/synchronise.ts'
import { Session } from '../../../../lib/transport/session.ts'
import { localReach, SHELLS } from '../../../support/shells.ts'
import { takeSnapshot } from '../../../support/snapshot.ts'

/** What is in the folder, without the times of the file system's own. */
const seen = (folder: string) => takeSnapshot(folder, false)

for (const name of SHELLS) {
  const test = suite(`synchronise in ${name}`)
  const made: string[] = []
  const connects = { count: 0 }
  const [one, two] = [
    new Session({ ...localReach(name, connects), host: 'one' }),
    new Session({ ...localReach(name, connects), host: 'two' }),
  ]
  /** Two folders with names that a careless shell would fall over: the first is filled. */
  const folders = () => {
    const top = mkdtempSync(join(tmpdir(), "brd it's `two` $1 -"))
    made.push(top)
    const [from, to] = [join(top, 'from here'), join(top, 'a/to there')]
    mkdirSync(join(from, 'in/-deep'), { recursive: true })
    const files = {
      f: 'one\n',
      'in/empty': '',
      "in/it's\n$1": 'odd',
      'in/-deep/run': '#!/bin/sh\n',
      'in/bytes': '\0\xff\n',
    }
    for (const [file, text] of Object.entries(files))
      writeFileSync(join(from, file), Buffer.from(text, 'latin1'))
    chmodSync(join(from, 'in/-deep/run'), 0o4750)
    chownSync(join(from, 'f'), 65534, 65534)
    symlinkSync('in/nowhere', join(from, 'link'))
    utimesSync(join(from, 'f'), 1_000_000_000, 1_000_000_000)
    const places = [
      { session: one, path: from },
      { session: two, path: to },
    ] as const
    return {
      from,
      to,
      sync: (options = {}, manner = {}) => synchronise(...places, options, manner),
    }
  }
  test.after(async () => {
    await Promise.all([one.end(), two.end()])
    for (const top of made) rmSync(top, { recursive: true, force: true })
  })

  test('a new folder is as the first, and then nothing differs', async () => {
    const { from, to, sync } = folders()
    const diff = await sync()
    assert.is(diff.length, 9)
    assert.equal(seen(to), seen(from))
    assert.is(statSync(join(to, 'f')).mtimeMs, 1_000_000_000_000)
    assert.equal(await sync(), [])
  })

  test('check mode tells the same and changes nothing', async () => {
    const { from, to, sync } = folders()
    const foretold = await sync({}, { check: true })
    assert.equal(readdirSync(join(to, '../..')), ['from here'])
    assert.equal(await sync(), foretold)
    assert.equal(seen(to), seen(from))
  })

  test('only what differs is replaced; what the first has not goes only where exact', async () => {
    const { from, to, sync } = folders()
    await sync()
    const inode = statSync(join(to, 'in/bytes')).ino
    writeFileSync(join(to, 'f'), 'two\n')
    chmodSync(join(to, 'in'), 0o700)
    mkdirSync(join(to, 'more/x'), { recursive: true })
    writeFileSync(join(to, 'more/x/y'), '')
    writeFileSync(join(to, 'kept.log'), '')
    assert.equal(
      (await sync()).map(({ key }) => key),
      ['f', 'in'],
    )
    assert.ok(readdirSync(to).includes('more'))
    assert.equal(
      (await sync({ exact: true, exclude: ['*.log'] })).map(({ key }) => key),
      ['more/x/y', 'more/x', 'more'],
    )
    assert.is(statSync(join(to, 'in/bytes')).ino, inode)
    rmSync(join(to, 'kept.log'))
    assert.equal(seen(to), seen(from))
  })

  test('more than fits into one portion', async () => {
    const { from, to, sync } = folders()
    mkdirSync(join(from, 'many'))
    for (let i = 0; i < 450; i++) writeFileSync(join(from, 'many', `f${i}`), `content ${i}\n`)
    for (const [file, mib] of [
      ['a', 3],
      ['b', 2],
      ['c', 9],
    ] as const)
      writeFileSync(join(from, file), Buffer.alloc(mib * 1024 * 1024 + 1, `${file} and so on\n`))
    await sync({ portion: 4 * 1024 * 1024 })
    assert.equal(readdirSync(join(to, 'many')).length, 450)
    for (const file of ['a', 'b', 'c', 'many/f449'])
      assert.ok(readFileSync(join(to, file)).equals(readFileSync(join(from, file))), file)
    assert.equal(await sync(), [])
  })

  test('what cannot be done is said with the host that it is about', async () => {
    const { from, to, sync } = folders()
    const says = async (message: RegExp) => {
      const said = await sync().then(() => 'nothing', String)
      assert.match(said, message)
    }
    mkdirSync(join(to, 'f'), { recursive: true })
    await says(/two: .*to there\/f is a directory, and a file is wanted/)
    rmSync(from, { recursive: true })
    await says(/one: .*from here: no such folder/)
  })

  test.run()
}
