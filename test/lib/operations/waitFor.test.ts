import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import { type Operation, Unknown } from '../../../lib/operation.ts'
import type { Path } from '../../../lib/operations/file/entry.ts'
import { waitFor } from '../../../lib/operations/waitFor.ts'
import { makeOutput, plans, refuses, settles } from '../../support/operations.ts'
import { openShell, SHELLS } from '../../support/shells.ts'

const path = '/run/app.pid'

plans(waitFor, {
  'waits for a port': ['no\n', { port: 80 }, ['port 80 of 127.0.0.1: closed -> open']],
  'waits until a port is closed': [
    'no\n',
    { port: 80, host: 'db1', state: 'stopped' },
    ['port 80 of db1: open -> closed'],
  ],
  'waits for an address': [
    'no\n',
    { url: 'http://x/up', status: 204 },
    ['http://x/up: does not answer -> answers with 204'],
  ],
  'waits for a file': ['no\n', { path }, ['/run/app.pid: absent -> present']],
  'waits until a file is gone': [
    'no\n',
    { path, state: 'absent' },
    ['/run/app.pid: present -> absent'],
  ],
  'waits for a line': [
    'no\n',
    { path, search: 'ready$' },
    ['"ready$" in /run/app.pid: absent -> present'],
  ],
  'does not wait for what is there': ['yes\n', { path }, []],
  'a failed probe is unknown': [
    { exitCode: 3, stderr: 'curl is not installed' },
    { url: 'http://x' },
    /curl is not installed/,
  ],
  'an empty answer is unknown': ['', { path }, /the probe failed/],
})
test('it is unknown while its input is pending: an open port may be closed then', () => {
  const after = waitFor({ path: '/made' })
  const plan = waitFor({ port: 80, after }).decide(makeOutput('yes\n'), {
    pending: op => op === after,
  })
  assert.ok(plan instanceof Unknown)
  assert.match(plan.why, 'open, until waitFor /made')
})
test('bad options are errors at once', () => {
  assert.throws(
    () => waitFor({ port: 70000 }),
    /port: 70000 is not possible\n {2}it is a whole number, 1 to 65535/,
  )
  assert.throws(() => waitFor({ path: '/a/' }), /absolute path/)
  assert.throws(
    // @ts-expect-error two subjects
    () => waitFor({ port: 80, path: '/x' }),
    /port does not go together with path/,
  )
})

/** In every shell: it is waited for, and what comes then is enough. */
const waits = (
  title: string,
  make: (folder: Path) => Operation,
  before: (folder: Path) => void,
  then: (folder: Path) => void,
) => {
  for (const name of SHELLS)
    test(`${title}: waited for in ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'brd-waits-')) as Path
      const { shell } = openShell(name)
      try {
        before(folder)
        const { result, trips, outcomes } = await converge([make(folder)], {
          host: 'here',
          shell: async () => shell,
          emit: event => void (event.type === 'op-started' && then(folder)),
        })
        assert.equal([result, trips, outcomes.map(({ is }) => is)], ['ok', 2, ['changed']])
      } finally {
        await shell.end()
        rmSync(folder, { recursive: true })
      }
    })
}

waits(
  'a file that comes',
  folder => waitFor({ path: `${folder}/f` }),
  () => {},
  folder => writeFileSync(`${folder}/f`, ''),
)
waits(
  'a file that goes',
  folder => waitFor({ path: `${folder}/f`, state: 'absent' }),
  folder => writeFileSync(`${folder}/f`, ''),
  folder => rmSync(`${folder}/f`),
)
waits(
  'a line that comes',
  folder => waitFor({ path: `${folder}/log`, search: '^app: ready( |$)' }),
  folder => writeFileSync(`${folder}/log`, 'app: not ready\n'),
  folder => appendFileSync(`${folder}/log`, 'app: ready now\n'),
)
settles('what is there', folder => waitFor({ path: folder }))
refuses(
  'what does not come',
  folder => waitFor({ path: `${folder}/f`, timeoutSeconds: 1 }),
  /f: still absent after 1 s/,
)
refuses(
  'a line in what is no file',
  folder => waitFor({ path: `${folder}/d`, search: 'x', timeoutSeconds: 1 }),
  /cannot be read|still absent/,
  {
    before: folder => mkdirSync(`${folder}/d`),
    after: folder => rmSync(`${folder}/d`, { recursive: true }),
  },
)

const tcp = createServer(socket => socket.end())
const http = createHttp((request, response) =>
  response.writeHead(request.url === '/up' ? 204 : 404).end(),
)
test.before(async () => {
  await new Promise<void>(done => tcp.listen(0, '127.0.0.1', done))
  await new Promise<void>(done => http.listen(0, '127.0.0.1', done))
})
test.after(() => {
  tcp.close()
  http.close()
})
const portOf = (server: typeof tcp | typeof http) => (server.address() as AddressInfo).port

settles('a port that is open', () => waitFor({ port: portOf(tcp) }))
settles('a port that is closed', () => waitFor({ port: 9, state: 'stopped' }))
refuses(
  'a port that stays open',
  () => waitFor({ port: portOf(tcp), state: 'stopped', timeoutSeconds: 1 }),
  /still open after 1 s/,
)
refuses(
  'a port that stays closed',
  () => waitFor({ port: 9, timeoutSeconds: 1 }),
  /still closed after 1 s/,
)

test.run()
