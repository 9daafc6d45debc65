import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hashName } from '../../../../lib/transport/ssh/known-hosts.ts'
import { readKnownHostsFile } from '../../../../lib/transport/ssh/known-hosts-file.ts'

const test = suite('known-hosts-file')

const key = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519one')])
const entry = `ssh-ed25519 ${key.toString('base64')}`
const dir = mkdtempSync(join(tmpdir(), 'brdtest-known-'))
const path = join(dir, 'known_hosts')
test.after(() => rmSync(dir, { recursive: true }))

const placesOf = async (name: string) =>
  (await readKnownHostsFile(path)).linesFor(name).map(({ line }) => line)

test('a file is read once for a thousand hosts', async () => {
  writeFileSync(path, Array.from({ length: 1000 }, (_, i) => `host${i} ${entry}\n`).join(''))
  const all = await Promise.all(Array.from({ length: 1000 }, () => readKnownHostsFile(path)))
  assert.is(new Set(all).size, 1)
  assert.equal(await placesOf('host999'), [1000])
})

test('a file that was changed is read again', async () => {
  writeFileSync(path, `web1 ${entry}\n`)
  assert.equal(await placesOf('web2'), [])
  appendFileSync(path, `web2 ${entry}\n`)
  assert.equal(await placesOf('web2'), [2])
})

test('a file that is made after it was missed is read', async () => {
  const missed = await readKnownHostsFile(join(dir, 'later')).catch(error => error.code)
  assert.is(missed, 'ENOENT')
  writeFileSync(join(dir, 'later'), `web1 ${entry}\n`)
  assert.is((await readKnownHostsFile(join(dir, 'later'))).linesFor('web1').length, 1)
})

test('every line that may speak of a host is there, in the order of the file', async () => {
  const lines = [
    `*.example ${entry}`,
    `Web1.example,10.0.0.1 ${entry}`,
    `${hashName('other', Buffer.alloc(20, 3))} ${entry}`,
    `web2.example ${entry}`,
    `@revoked web1.example ${entry}`,
    `!web2*,web* ${entry}`,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  assert.equal(await placesOf('web1.example'), [1, 2, 3, 5, 6])
  assert.equal(await placesOf('10.0.0.1'), [1, 2, 3, 6])
})

test.run()
