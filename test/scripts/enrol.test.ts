import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../lib/transport/ssh/connect.ts'
import { fingerprint } from '../../lib/transport/ssh/known-hosts.ts'
import { skip } from '../../scripts/test/skip.ts'
import {
  explainMissingSshd,
  findFreePort,
  generateKey,
  type Sshd,
  startSshd,
} from '../support/sshd.ts'

let sshd: Sshd
test.before(async () => {
  const missing = explainMissingSshd()
  if (missing) skip(missing)
  sshd = await startSshd()
})
test.after(() => sshd?.stop())

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise(resolve => {
    const child = execFile(
      'npx',
      ['zx', 'scripts/enrol.ts', ...args],
      { cwd: root, timeout: 60_000 },
      (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    )
    child.stdin?.end()
  })
const there = () => `${sshd.address}:${sshd.port}`
const file = (name: string, content: string): string => {
  const path = join(sshd.dir, name)
  writeFileSync(path, content)
  return path
}
const sized = (data: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, data])
}
const print = async (type: string) =>
  fingerprint(Buffer.from((await sshd.publicKey(type)).split(' ')[1] ?? '', 'base64'))

test('--yes enrols all keys: the host is known, and a second run changes nothing', async () => {
  const path = join(sshd.dir, 'new/known_hosts')
  const first = await script(there(), '--yes', '--file', path)
  assert.is(first.code, 0, first.err)
  for (const type of ['ed25519', 'ecdsa']) assert.ok(first.out.includes(await print(type)), type)
  const connection = await connect({ ...sshd.target, knownHosts: [path] })
  await connection.close()
  const text = readFileSync(path, 'utf8')
  assert.match((await script(there(), '--yes', '--file', path)).out, 'known already')
  assert.is(readFileSync(path, 'utf8'), text)
})
test('nobody is asked where there is no terminal: the flags are named', async () => {
  const path = file('asked', '')
  const { code, err } = await script(there(), '--file', path)
  assert.is(code, 1)
  assert.match(err, '--fingerprint')
  assert.match(err, '--yes')
  assert.is(readFileSync(path, 'utf8'), '')
})
test('--fingerprint enrols that key alone, hashed where the file is', async () => {
  const path = file(
    'hashed',
    `|1|AAAAAAAAAAAAAAAAAAAAAAAAAAA=|AAAAAAAAAAAAAAAAAAAAAAAAAAA= ${await sshd.publicKey('ecdsa')}\n`,
  )
  assert.is((await script(there(), '--fingerprint', await print('ecdsa'), '--file', path)).code, 0)
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  assert.is(lines.length, 2)
  assert.match(lines[1] ?? '', /^\|1\|\S+ ecdsa-sha2-nistp256 /)
  await (await connect({ ...sshd.target, knownHosts: [path] })).close()
})
test('another fingerprint enrols nothing', async () => {
  const path = file('other', '')
  const { code, err } = await script(there(), '--fingerprint', 'SHA256:abc', '--file', path)
  assert.is(code, 1)
  assert.match(err, 'shows no key with this fingerprint')
  assert.is(readFileSync(path, 'utf8'), '')
})
test('a changed key needs --replace: the old name goes, and others on its line stay', async () => {
  await generateKey(join(sshd.dir, 'old'))
  const old = readFileSync(join(sshd.dir, 'old.pub'), 'utf8').trim()
  const name = `[${sshd.address}]:${sshd.port}`
  const before = `# mine\nother,${name} ${old}\n${name} ${old}\nother2 ${old}`
  const path = file('changed', before)
  const refused = await script(there(), '--yes', '--file', path)
  assert.is(refused.code, 1)
  assert.match(refused.err, `${path}:2`)
  assert.match(refused.err, '--replace')
  assert.is(readFileSync(path, 'utf8'), before)
  const done = await script(there(), '--yes', '--replace', '--file', path)
  assert.is(done.code, 0, done.err)
  const lines = readFileSync(path, 'utf8').split('\n')
  assert.equal(lines.slice(0, 3), ['# mine', `other ${old}`, `other2 ${old}`])
  await (await connect({ ...sshd.target, knownHosts: [path] })).close()
})
test('a pattern is not taken apart', async () => {
  await generateKey(join(sshd.dir, 'pattern'))
  const before = `[127.*]:* ${readFileSync(join(sshd.dir, 'pattern.pub'), 'utf8')}`
  const path = file('patterns', before)
  const { code, err } = await script(there(), '--yes', '--replace', '--file', path)
  assert.is(code, 1)
  assert.match(err, `${path}:1: [127.*]:* is a pattern`)
  assert.is(readFileSync(path, 'utf8'), before)
})
test('a revoked key is never enrolled', async () => {
  const path = file('revoked', `@revoked * ${await sshd.publicKey('ed25519')}\n`)
  const { code, err } = await script(there(), '--yes', '--replace', '--file', path)
  assert.is(code, 1)
  assert.match(err, `${path}:1: revokes a key`)
})
test('a host that is down is exit code 4, and the others are still enrolled', async () => {
  const path = file('two', '')
  const { code, err } = await script(
    `127.0.0.1:${await findFreePort()}`,
    there(),
    '--yes',
    '--file',
    path,
  )
  assert.is(code, 4)
  assert.match(err, 'connection refused')
  assert.match(readFileSync(path, 'utf8'), 'ssh-ed25519')
})
test('what a stranger says cannot steer the terminal', async () => {
  const text = Buffer.from('bye\x1b]0;owned\x07\x1b[2J')
  const payload = Buffer.concat([Buffer.from([1, 0, 0, 0, 2]), sized(text), sized(Buffer.alloc(0))])
  const padding = 8 - ((payload.length + 5) % 8) + 8
  const packet = Buffer.concat([Buffer.from([padding]), payload, Buffer.alloc(padding)])
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.write('SSH-2.0-stranger\r\n')
    socket.write(sized(packet))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { code, err } = await script(
    `127.0.0.1:${(server.address() as AddressInfo).port}`,
    '--yes',
    '--file',
    file('stranger', ''),
  )
  server.close()
  assert.is(code, 4, err)
  assert.match(err, 'bye')
  assert.not.match(err, /[\x07\x1b]/)
})
test('an unknown flag is exit code 1', async () => assert.is((await script('--nonsense')).code, 1))

test.run()
