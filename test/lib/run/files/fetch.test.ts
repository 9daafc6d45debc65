import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fetchTo, readParts, readRemote } from '../../../../lib/run/files/fetch.ts'
import { sh } from '../../../../lib/sh.ts'
import { readFromHost } from '../../../../lib/transport/read-from-host.ts'
import { Session } from '../../../../lib/transport/session.ts'
import { localReach, SHELLS } from '../../../support/shells.ts'

for (const name of SHELLS) {
  const test = suite(`fetch in ${name}`)
  const folder = mkdtempSync(join(tmpdir(), "brd it's a `fetch` $1 -"))
  const connects = { count: 0 }
  let session: Session
  test.before(() => {
    session = new Session(localReach(name, connects))
  })
  test.after(async () => {
    await session.end()
    rmSync(folder, { recursive: true, force: true })
  })
  const at = (file: string) => join(folder, file)

  test('a file is read whole, byte by byte, also an empty one and behind a symlink', async () => {
    const bytes = Buffer.from('two lines\n\0\xff end frames? \nend\ndata p0\n', 'latin1')
    writeFileSync(at('f'), bytes)
    writeFileSync(at('empty'), '')
    symlinkSync('f', at('link'))
    assert.ok((await readRemote(session, at('f'))).equals(bytes))
    assert.ok((await readRemote(session, at('link'))).equals(bytes))
    assert.is((await readRemote(session, at('empty'))).length, 0)
  })

  test('a long file comes in parts and is in place whole, its owner’s alone', async () => {
    const bytes = Buffer.alloc(17 * 1024 * 1024 + 5, 'some content, not all the same\n')
    writeFileSync(at('long'), bytes)
    await fetchTo(session, at('long'), at('here'))
    assert.ok(readFileSync(at('here')).equals(bytes))
    assert.is(statSync(at('here')).mode & 0o777, 0o600)
    await assertRejects(() => readRemote(session, at('too-long')), /no such file/)
    execFileSync('truncate', ['-s', '65M', at('too-long')])
    await assertRejects(
      () => readRemote(session, at('too-long')),
      /is 68157440 bytes long, more than are read into memory/,
    )
  })

  test('a file that changes while it is fetched is an error, and the old copy stays', async () => {
    writeFileSync(at('moving'), Buffer.alloc(9 * 1024 * 1024))
    const read = async () => {
      for await (const _ of readParts(session, at('moving'))) appendFileSync(at('moving'), 'x')
    }
    await assertRejects(read, /moving was changed while it was fetched/)
    writeFileSync(at('kept'), 'old')
    await assertRejects(
      () => fetchTo(session, at('nowhere'), at('kept')),
      /no such file: .*nowhere/,
    )
    assert.equal(
      [
        readFileSync(at('kept'), 'utf8'),
        readdirSync(folder).filter(file => file.endsWith('.partial')),
      ],
      ['old', []],
    )
  })

  test('a link that is lost in between is opened again', async () => {
    writeFileSync(at('f'), 'again')
    const before = connects.count
    const shell = await session.shell()
    const reading = readRemote(session, at('f'))
    shell.drop()
    assert.is(String(await reading), 'again')
    assert.is(connects.count, before + 1)
  })

  test('looks at one host take turns, and a failed one does not touch the next', async () => {
    const looks = [1, 2, 3].map(n =>
      readFromHost(session, `look ${n}`, n === 2 ? sh`echo why >&2; exit 3` : sh`echo ${n}`),
    )
    const said = await Promise.all(
      looks.map(one => one.then(String, (error: Error) => error.message)),
    )
    assert.equal(said, ['1\n', 'here: look 2: why', '3\n'])
  })

  test.run()
}

const assertRejects = async (work: () => Promise<unknown>, message: RegExp): Promise<void> => {
  try {
    await work()
  } catch (error) {
    return assert.match(String(error), message)
  }
  assert.unreachable('an error is expected')
}
