import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import type { Change, Operation } from '../../../lib/operation.ts'
import { download } from '../../../lib/operations/download.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { Secret } from '../../../lib/secret.ts'
import type { Exit } from '../../../lib/transport/connection.ts'
import { renderBootScript, Shell } from '../../../lib/transport/root-shell.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../support/operations.ts'
import { findShell, openShell, SHELLS } from '../../support/shells.ts'

const path = '/opt/tool'
const url = 'https://example.com/tool'
const [hi, ho] = [sha256('hi\n'), sha256('ho\n')]
const entry = (mode = '644') => `regular file|${mode}|0|0|root|root|3\n`

plans(download, {
  'fetches what is absent': [
    'absent\n',
    { path, url, sha256: hi },
    [
      `sha256: absent -> ${hi} from ${url}`,
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'leaves what is right': [`${entry()}${hi}  -\n`, { path, url, sha256: hi }, []],
  'fetches another version': [
    `${entry()}${ho}  -\n`,
    { path, url, sha256: hi },
    [`sha256: ${ho} -> ${hi} from ${url}`],
  ],
  'puts right the mode': [
    `${entry()}${hi}  -\n`,
    { path, url, sha256: hi, mode: '755' },
    ['mode: 644 -> 755'],
  ],
  'replaces a symlink': [
    'symbolic link|777|0|0|root|root|9\n',
    { path, url, sha256: hi },
    [
      'type: symlink -> file',
      `sha256: absent -> ${hi} from ${url}`,
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'does not replace a folder': [
    'directory|755|0|0|root|root|4096\n',
    { path, url, sha256: hi },
    /is a directory, and a file is wanted/,
  ],
  'does not take a failed look for absent': [
    { exitCode: 74, stderr: 'Permission denied' },
    { path, url, sha256: hi },
    /exit 74/,
  ],
  'does not take an empty answer for absent': ['', { path, url, sha256: hi }, /the probe failed/],
})
test('the mode alone fetches nothing', () => {
  const plan = download({ path, url, sha256: hi, mode: '755' }).decide(
    makeOutput(`${entry()}${hi}  -\n`),
    nothingPending,
  ) as Change
  assert.not.match(plan.apply.text, 'curl')
})
test('a header travels as stdin and is in no fragment', () => {
  const plan = download({ path, url, sha256: hi, header: new Secret('X: hunter2', 'x') }).decide(
    makeOutput('absent\n'),
    nothingPending,
  ) as Change
  assert.not.match(plan.apply.text + JSON.stringify(plan), 'hunter2')
})
test('bad options are errors at once', () => {
  assert.throws(() => download({ path, url, sha256: 'abc' }), /64 hexadecimal digits/)
  assert.throws(
    () => download({ path, url: 'https://' as 'https://x', sha256: hi }),
    /not an http address/,
  )
  assert.throws(
    () => download({ path, url: 'file:///etc/passwd' as 'https://x', sha256: hi }),
    /url: "file:\/\/\/etc\/passwd" is not possible/,
  )
  assert.throws(
    () => download({ path, url: 'https://me:pw@example.com/', sha256: hi }),
    /every user of the host could read/,
  )
  assert.throws(
    () => download({ path, url: 'https://:pw@example.com/', sha256: hi }),
    /every user of the host could read/,
  )
  assert.throws(
    () => download({ path, url, sha256: hi, header: new Secret('X: a\nurl = b', 'x') }),
    /one line/,
  )
})

const content = Buffer.from(`bytes \0\xff and more\n${'x'.repeat(300_000)}`, 'latin1')
const sum = sha256(content)
let asked: string[] = []
const server = createServer(({ url, headers }, res) => {
  asked.push(`${url} ${headers['authorization'] ?? ''}`.trim())
  if (url === '/moved') return res.writeHead(302, { location: '/ok?a=1&b=[2]' }).end()
  if (url === '/away') return res.writeHead(307, { location: `${other}/ok` }).end('moved')
  if (url === '/cut')
    return void res
      .writeHead(200, { 'content-length': content.length })
      .write(content.subarray(0, 1000), () => res.destroy())
  if (url === '/slow') return void res.writeHead(200).write('x')
  return url?.startsWith('/ok') ? res.end(content) : res.writeHead(404).end('not here')
})
let [base, other] = ['', '']
/** Another server: what it was asked with is kept. */
const elsewhere = createServer(({ url, headers }, res) => {
  asked.push(`elsewhere ${url} ${headers['private-token'] ?? ''}`.trim())
  res.end(content)
})
test.before(async () => {
  await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve))
  other = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
test.after(() => {
  for (const one of [server, elsewhere]) {
    one.closeAllConnections()
    one.close()
  }
})
const from = (path: string, to: string, more: Partial<Parameters<typeof download>[0]> = {}) =>
  download({
    path: `${to}/f` as `/${string}`,
    url: `${base}${path}` as `http://${string}`,
    sha256: sum,
    ...more,
  })
const holds = (folder: string) => {
  assert.ok(readFileSync(`${folder}/f`).equals(content))
  assert.equal(
    readdirSync(folder).filter(name => name.startsWith('.')),
    [],
  )
}

settles(
  'a new file, through a redirect',
  folder => from('/moved', folder, { mode: '4755', owner: 'nobody' }),
  {
    after: folder => {
      holds(folder)
      assert.equal(
        [statSync(`${folder}/f`).mode & 0o7777, statSync(`${folder}/f`).uid],
        [0o4755, 65534],
      )
    },
  },
)
settles('another version, and a symlink to a folder', folder => from('/ok?a=1&b=[2]', folder), {
  before: folder => {
    mkdirSync(`${folder}/real`)
    symlinkSync('real', `${folder}/f`)
  },
  after: folder => {
    holds(folder)
    assert.ok(lstatSync(`${folder}/f`).isFile())
  },
})
settles(
  'the mode alone, while the server is away',
  folder => from('/nowhere', folder, { mode: '600' }),
  {
    before: folder => {
      writeFileSync(`${folder}/f`, content)
      chmodSync(`${folder}/f`, 0o644)
      asked = []
    },
    after: () => assert.equal(asked, []),
  },
)
const kept = {
  before: (folder: string) => writeFileSync(`${folder}/f`, 'old'),
  after: (folder: string) =>
    assert.equal([readFileSync(`${folder}/f`, 'utf8'), readdirSync(folder)], ['old', ['f']]),
}
refuses(
  'another content than was meant',
  folder => from('/ok', folder, { sha256: hi }),
  new RegExp(`its sha256 is not ${hi} but ${sum}`),
  kept,
)
refuses('what is not there', folder => from('/nowhere', folder), /404|could not fetch/, kept)
refuses(
  'what comes in part',
  folder => from('/cut', folder),
  /exit 1|transfer closed|sha256 is not/,
  kept,
)
refuses(
  'what takes too long',
  folder => from('/slow', folder, { timeoutSeconds: 1 }),
  /timed out|not done within 11 s|could not fetch/,
  kept,
)
refuses(
  'a folder that is not there',
  folder => from('/ok', `${folder}/no`),
  /the host has no folder /,
)

/** Runs one operation in a shell of its own. */
const ran = async (op: Operation, shell: Shell) => {
  try {
    return await converge([op], { host: 'here', shell: async () => shell })
  } finally {
    await shell.end()
  }
}
/** A folder of the test, removed afterwards. */
const inFolder = async (body: (folder: string) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-download-'))
  await body(folder).finally(() => rmSync(folder, { recursive: true }))
}
/** A shell that finds what is in this folder, but for curl. */
const withoutCurl = (from: string, folder: string): Shell => {
  mkdirSync(`${folder}/tools`)
  for (const name of readdirSync(from))
    if (name !== 'curl') symlinkSync(join(from, name), `${folder}/tools/${name}`)
  const child = spawn(
    existsSync(`${from}/dash`) ? 'dash' : `${from}/sh`,
    ['-c', renderBootScript(`${folder}/tools`)],
    { stdio: 'pipe' },
  )
  const exit = new Promise<Exit>(resolve =>
    child.on('close', (code, signal) => resolve({ code, signal })),
  )
  return new Shell({
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    close: () => void child.kill('SIGKILL'),
  })
}

for (const name of SHELLS)
  test(`a header reaches the server from ${name}`, () =>
    inFolder(async folder => {
      asked = []
      const op = from('/ok', folder, {
        header: new Secret('Authorization: Bearer hunter2', 'token'),
      })
      assert.equal(
        [(await ran(op, openShell(name).shell)).result, asked],
        ['ok', ['/ok Bearer hunter2']],
      )
    }))

for (const name of SHELLS)
  test(`a header stays with its server: another, to which it leads, gets none, ${name}`, () =>
    inFolder(async folder => {
      asked = []
      const header = new Secret('Private-Token: hunter2', 'token')
      const op = from('/away', folder, { header })
      assert.equal(
        [(await ran(op, openShell(name).shell)).result, asked],
        ['ok', ['/away', 'elsewhere /ok']],
      )
      holds(folder)
      rmSync(`${folder}/f`)
      const here = from('/moved', folder, {
        header: new Secret('Authorization: Bearer hunter2', 'token'),
      })
      assert.is((await ran(here, openShell(name).shell)).result, 'ok')
      assert.equal(asked.slice(2), ['/moved Bearer hunter2', '/ok?a=1&b=[2] Bearer hunter2'])
    }))

const wgets: Readonly<Record<string, () => string>> = {
  'wget alone': () => '/usr/bin',
  "busybox's wget alone": () => dirname(findShell('busybox')),
}
for (const [title, findTools] of Object.entries(wgets))
  test(`where there is ${title} that is used, and a header is refused`, () =>
    inFolder(async folder => {
      const tools = findTools()
      if (!existsSync(`${tools}/wget`)) skip(`${tools}/wget not installed on this machine`)
      const first = await ran(from('/moved', folder), withoutCurl(tools, folder))
      assert.is(first.result, 'ok', JSON.stringify(first.error))
      assert.ok(readFileSync(`${folder}/f`).equals(content))
      rmSync(`${folder}/tools`, { recursive: true })
      const second = await ran(
        from('/ok', folder, { sha256: hi, header: new Secret('A: b', 'x') }),
        withoutCurl(tools, folder),
      )
      assert.match(second.error?.message ?? '', /the host has no program curl/)
    }))

test.run()
