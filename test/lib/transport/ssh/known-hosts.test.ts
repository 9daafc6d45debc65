import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  findLines,
  fingerprint,
  formatKnownName,
  hashName,
  judgeKey,
  matches,
  parseKnownHosts,
} from '../../../../lib/transport/ssh/known-hosts.ts'

const test = suite('known-hosts')

/** A public key of a type, told apart by a word. Only its shape matters here. */
const key = (type: string, word: string): string => {
  const field = (text: string) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(text.length)
    return Buffer.concat([length, Buffer.from(text)])
  }
  return Buffer.concat([field(type), field(word)]).toString('base64')
}
const ed = (word: string) => `ssh-ed25519 ${key('ssh-ed25519', word)}`
const rsa = (word: string) => `ssh-rsa ${key('ssh-rsa', word)}`
const blob = (line: string) => Buffer.from(line.split(' ')[1] ?? '', 'base64')

const names: readonly [string, string, boolean][] = [
  ['web1', 'web1', true],
  ['web1', 'web10', false],
  ['WEB1.example', 'web1.example', true],
  ['web1,10.0.0.1', '10.0.0.1', true],
  ['*.example', 'web1.example', true],
  ['*.example', 'example', false],
  ['web?', 'web1', true],
  ['web?', 'web12', false],
  ['*.example,!db.example', 'web.example', true],
  ['*.example,!db.example', 'db.example', false],
  ['!db.example,*.example', 'db.example', false],
  ['!db.example', 'web.example', false],
  ['[web1]:2222', '[web1]:2222', true],
  ['[web1]:2222', 'web1', false],
  ['web1', '[web1]:2222', false],
  ['[*]:2222', '[web1]:2222', true],
  ['10.0.0.1', '10x0y0z1', false],
  ['fe80::1', 'fe80::1', true],
  [hashName('web1', Buffer.alloc(20, 7)), 'web1', true],
  [hashName('web1', Buffer.alloc(20, 7)), 'web2', false],
  ['|1|broken', 'web1', false],
]
for (const [column, name, expected] of names)
  test(`${column} ${expected ? 'speaks' : 'does not speak'} of ${name}`, () =>
    assert.is(matches(column, name), expected))

test('a port other than 22 is part of the name', () => {
  assert.is(formatKnownName('Web1', 22), 'web1')
  assert.is(formatKnownName('10.0.0.1', 2222), '[10.0.0.1]:2222')
})

const file = `# a comment

web1 ${ed('one')} someone@somewhere
web1 ${rsa('two')}
@revoked web1,web2 ${ed('bad')}
@cert-authority *.example ${ed('ca')}
@strange web1 ${ed('x')}
web1 1024 35 1234567
web1 ssh-ed25519 notakey
web1
\tweb3\t${ed('tabs')}\r
`

test('reads every kind of line, with its place', () => {
  const { hosts, ignored } = parseKnownHosts(file, 'f')
  assert.equal(
    hosts.map(({ line, marker, names, type }) => [line, marker, names, type]),
    [
      [3, null, 'web1', 'ssh-ed25519'],
      [4, null, 'web1', 'ssh-rsa'],
      [5, 'revoked', 'web1,web2', 'ssh-ed25519'],
      [6, 'cert-authority', '*.example', 'ssh-ed25519'],
      [11, null, 'web3', 'ssh-ed25519'],
    ],
  )
  assert.equal(
    ignored.map(({ line, why }) => `${line} ${why}`),
    [
      '7 unknown marker @strange',
      '8 a key of SSH 1',
      '9 not a key of type ssh-ed25519',
      '10 not a line of names, key type and key',
    ],
  )
})

const verdict = (name: string, shown: string) =>
  judgeKey(findLines(parseKnownHosts(file, 'f').hosts, name), blob(shown))

test('a known key of any type is known', () => {
  assert.equal(verdict('web1', ed('one')), { kind: 'known' })
  assert.equal(verdict('web1', rsa('two')), { kind: 'known' })
})
test('another key of a known host has changed, and the old lines are told', () => {
  const changed = verdict('web1', ed('other'))
  assert.is(changed.kind, 'changed')
  if (changed.kind === 'changed')
    assert.equal(
      changed.was.map(({ line }) => line),
      [3, 4],
    )
})
test('a revoked key is refused', () => {
  const revoked = verdict('web2', ed('bad'))
  assert.is(revoked.kind, 'revoked')
  if (revoked.kind === 'revoked') assert.is(revoked.by.line, 5)
})
test('a key that is both known and revoked is revoked', () => {
  const both = parseKnownHosts(`web1 ${ed('a')}\n@revoked * ${ed('a')}\n`, 'f').hosts
  assert.is(judgeKey(findLines(both, 'web1'), blob(ed('a'))).kind, 'revoked')
})
test('a host of which only a revoked key is known is unknown', () =>
  assert.equal(verdict('web2', ed('other')), { kind: 'unknown' }))
test('a certificate authority makes no key known', () =>
  assert.equal(verdict('web1.example', ed('ca')), { kind: 'unknown' }))

test('agrees with ssh-keygen on hashing, finding and fingerprints', () => {
  const dir = mkdtempSync(join(tmpdir(), 'brdtest-known-'))
  try {
    const path = join(dir, 'known_hosts')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'key')])
    const line = readFileSync(join(dir, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
    writeFileSync(path, `web1,10.0.0.1 ${line}\n[web2]:2222 ${line}\n`)
    execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' })
    const { hosts } = parseKnownHosts(readFileSync(path, 'utf8'), path)
    assert.ok(hosts.every(({ names }) => names.startsWith('|1|')))
    for (const name of ['web1', '10.0.0.1', '[web2]:2222'])
      assert.is(findLines(hosts, name).length, 1, name)
    assert.is(findLines(hosts, 'web2').length, 0)
    writeFileSync(path, `${hashName('[web3]:22022', Buffer.alloc(20, 3))} ${line}\n`)
    assert.match(
      String(execFileSync('ssh-keygen', ['-F', '[web3]:22022', '-f', path])),
      'found: line 1',
    )
    assert.match(
      String(execFileSync('ssh-keygen', ['-l', '-f', join(dir, 'key.pub')])),
      fingerprint(blob(line)),
    )
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test.run()
