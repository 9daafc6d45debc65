import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { createConfigReader, type SshConfig } from '../../../../lib/transport/ssh/config.ts'
import { type LoginSettings, resolveTarget } from '../../../../lib/transport/ssh/resolve-target.ts'
import { requirePrograms } from '../../../../scripts/test/skip.ts'

const dir = mkdtempSync(join(tmpdir(), 'brdtest-config-'))
test.before(() => requirePrograms('ssh'))
test.after(() => rmSync(dir, { recursive: true }))

const file = (name: string, text: string): string => {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}
const home = (path: string) => join(homedir(), path)

const main = `
Include ${join(dir, 'included')}
Host web1 web2
  HostName 192.0.2.1
  User deploy
  Port 2222
  IdentityFile ~/.ssh/%n-key
  IdentityFile /keys/%r
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile /a /b
  HostKeyAlias alias
  ProxyJump bob@jump:2200,second
Match host 192.0.2.9
  User matched
Host command
  ProxyCommand nc %h %p
Host circle
  ProxyJump back
Host back
  ProxyJump circle
`
file('included', 'Host *.inc\n  User included\n')
const configs = createConfigReader([file('config', main), join(dir, 'absent')])

const rows: Record<string, [string, string | undefined, SshConfig]> = {
  'all of a host': [
    'web1',
    undefined,
    {
      address: '192.0.2.1',
      port: 2222,
      user: 'deploy',
      identityFiles: ['~/.ssh/web1-key', '/keys/deploy'],
      identitiesOnly: true,
      agent: null,
      knownHosts: ['/a', '/b'],
      hostKeyAlias: 'alias',
      proxyJump: 'bob@jump:2200,second',
    },
  ],
  'nothing is said of others': ['db1', undefined, { address: 'db1', port: 22 }],
  'an included file': ['x.inc', undefined, { address: 'x.inc', port: 22, user: 'included' }],
  'Match sees the address that hosts.yaml gives': [
    'db1',
    '192.0.2.9',
    { address: '192.0.2.9', port: 22, user: 'matched' },
  ],
}
for (const [name, [host, address, expected]] of Object.entries(rows))
  test(name, async () => assert.equal(await configs(host, address), expected))

test('ssh is not asked where the files say nothing', async () => {
  const silent = createConfigReader([
    file(
      'debian',
      'Include /etc/ssh/ssh_config.d/*.conf\nHost *\n    SendEnv LANG\n    HashKnownHosts yes\n# User nobody\n',
    ),
  ])
  assert.equal(await silent('web1', '192.0.2.1'), {})
})
test('a file that cannot be read does not say nothing; one that is absent does', async () => {
  const loop = join(dir, 'loop')
  symlinkSync('loop', loop)
  for (const [path, code] of [
    [dir, 'EISDIR'],
    [loop, 'ELOOP'],
  ] as const) {
    const configs = createConfigReader([path])
    for (const host of ['web1', 'web2']) {
      const error = await configs(host).catch((e: unknown) => e)
      assert.match((error as Error).message, `${host}: ssh cannot read its configuration: ${code}`)
    }
  }
  for (const path of [join(dir, 'absent'), '/dev/null/.ssh/config'])
    assert.equal(await createConfigReader([path])('web1'), {})
})
test('a configuration that ssh cannot read is an error of the host', async () => {
  const error = await createConfigReader([file('bad', 'NoSuchWord yes\n')])('web1').catch(
    (e: unknown) => e,
  )
  assert.match(
    (error as Error).message,
    /^web1: ssh cannot read its configuration: .*NoSuchWord|nosuchword/i,
  )
})

const target = (want: LoginSettings) => resolveTarget({ defaultUser: 'root', ...want }, configs)
test('what is set goes before what ssh says', async () => {
  const made = await target({
    host: 'web1',
    address: '192.0.2.7',
    port: 22,
    user: 'root',
    identityFile: '/mine',
    knownHosts: '/known',
    proxyJump: 'none',
  })
  assert.equal(made, {
    host: 'web1',
    address: '192.0.2.7',
    port: 22,
    user: 'root',
    identityFiles: ['/mine'],
    identitiesOnly: true,
    agent: null,
    knownHosts: ['/known'],
    hostKeyAlias: 'alias',
  })
})
test('our default user holds where ssh names none', async () => {
  assert.is((await target({ host: 'db1' })).user, 'root')
  assert.is((await target({ host: 'web1' })).user, 'deploy')
})
test('without ssh’s configuration the defaults hold', async () =>
  assert.equal(
    await resolveTarget({ host: 'web1', address: '192.0.2.7', defaultUser: 'root' }, null),
    {
      host: 'web1',
      address: '192.0.2.7',
      port: 22,
      user: 'root',
    },
  ))
test('jump hosts are targets of their own, in order, with the host’s known_hosts', async () => {
  const jumps =
    (await target({ host: 'db1', proxyJump: 'bob@[2001:db8::1]:2200,web2', knownHosts: '/known' }))
      .jumps ?? []
  assert.equal(
    jumps.map(({ host, address, port, user }) => [host, address, port, user]),
    [
      ['[2001:db8::1]:2200', '2001:db8::1', 2200, 'bob'],
      ['web2', '192.0.2.1', 2222, 'deploy'],
    ],
  )
  assert.equal(jumps[0]?.knownHosts, [
    '/known',
    home('.ssh/known_hosts'),
    '/etc/ssh/ssh_known_hosts',
  ])
})
test('the jump hosts of a jump host come before it', async () => {
  const jumps = (await target({ host: 'db1', proxyJump: 'web2' })).jumps ?? []
  assert.equal(
    jumps.map(({ host }) => host),
    ['jump:2200', 'second', 'web2'],
  )
})
for (const [name, want, message] of [
  ['a ProxyCommand', { host: 'command' }, /ProxyCommand, which is not followed/],
  ['a circle', { host: 'circle' }, /more than 8 jump hosts/],
  [
    'a jump host that cannot be read',
    { host: 'db1', proxyJump: '@:' },
    /cannot read the jump host @:/,
  ],
] as const)
  test(`${name} is refused`, async () =>
    assert.match(((await target(want).catch((e: unknown) => e)) as Error).message, message))

test.run()
