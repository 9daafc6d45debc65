import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import { tree } from '../../../../lib/operations/tree.ts'
import { fetchTo } from '../../../../lib/run/files/fetch.ts'
import { synchronise } from '../../../../lib/run/files/synchronise.ts'
import { renderBootScript } from '../../../../lib/transport/root-shell.ts'
import { Session } from '../../../../lib/transport/session.ts'
import { connect } from '../../../../lib/transport/ssh/connect.ts'
import { openRootShell } from '../../../../lib/transport/ssh/sudo.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { takeSnapshot } from '../../../support/snapshot.ts'
import { explainMissingSshd, type Sshd, startSshd } from '../../../support/sshd.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-files-'))
const at = (name: string) => join(folder, name) as `/${string}`
let sshd: Sshd
let session: Session
test.before(async () => {
  const missing =
    explainMissingSshd() ?? (userInfo().uid === 0 ? null : 'only root can give files to others')
  if (missing) skip(missing)
  sshd = await startSshd()
  session = new Session({
    host: 'web1',
    connect: () => connect(sshd.target),
    rootShell: connection => openRootShell(connection, { become: 'no' }, renderBootScript()),
  })
  mkdirSync(at('source/many'), { recursive: true })
  for (let i = 0; i < 1000; i++) writeFileSync(at(`source/many/f${i}`), `content ${i}\n`)
  writeFileSync(
    at('source/big'),
    Buffer.alloc(24 * 1024 * 1024 + 1, 'not all the same, but near it\n'),
  )
})
test.after(async () => {
  await session?.end()
  await sshd?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('ssh: a thousand files and a big one arrive whole, and then cost one round trip', async () => {
  const once = () =>
    converge(
      [
        tree({
          path: at('there'),
          source: pathToFileURL(`${at('source')}/`),
          files: '600',
          directories: '755',
        }),
      ],
      {
        host: 'web1',
        shell: () => session.shell(),
      },
    )
  const first = await once()
  assert.equal([first.result, first.trips, first.error], ['ok', 2, undefined])
  assert.ok(readFileSync(at('there/big')).equals(readFileSync(at('source/big'))))
  const second = await once()
  assert.equal([second.trips, second.outcomes], [1, [{ is: 'ok' }]])
})

test('over ssh: a big file is fetched, and a folder brought to another, byte by byte', async () => {
  await fetchTo(session, at('there/big'), at('here'))
  assert.ok(readFileSync(at('here')).equals(readFileSync(at('source/big'))))
  await synchronise({ session, path: at('there') }, { session, path: at('second') })
  assert.equal(takeSnapshot(at('second'), false), takeSnapshot(at('there'), false))
  assert.equal(
    await synchronise({ session, path: at('there') }, { session, path: at('second') }),
    [],
  )
})

test.run()
