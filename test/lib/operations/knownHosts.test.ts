import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { knownHosts } from '../../../lib/operations/knownHosts.ts'
import { plans, type Settling, settles as settlesWith } from '../../support/operations.ts'
import { settlesPartOfFile } from '../../support/settles-matrix.ts'

const a = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICxV/6JZC/8T3JREihZ70/TEikgsDL6R3wTm6ijOQugG'
const b = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOoCJCMEp3KGsUQoRhXuf1MY8u+kqtiFMzkFervoVpG2'
const want = { host: 'git.example', keys: [a] } as const
const found = '# Host git.example found: line 3 \n'

plans(knownHosts, {
  'adds what is absent': ['end\n', want, [`git.example: absent -> ${a}`]],
  'leaves what is right': [`${found}git.example,10.0.0.1 ${a} a comment\nend\n`, want, []],
  'leaves what is right and hashed': [`${found}|1|c2FsdA==|aGFzaA== ${a}\nend\n`, want, []],
  'replaces another key': [`${found}git.example ${b}\nend\n`, want, [`git.example: ${b} -> ${a}`]],
  'takes out a second one': [
    `${found}git.example ${a}\n${found}git.example ${b}\nend\n`,
    want,
    [`git.example: ${a}\n${b} -> ${a}`],
  ],
  'a line with a marker or a pattern is not its own': [
    `${found}@cert-authority git.example ${a}\n${found}*.example ${a}\nend\n`,
    want,
    [`git.example: absent -> ${a}`],
  ],
  removes: [
    `${found}git.example ${b}\nend\n`,
    { host: 'git.example', state: 'absent' },
    [`git.example: ${b} -> absent`],
  ],
  'leaves what is absent': ['end\n', { host: 'git.example', state: 'absent' }, []],
  'does not take an empty answer for absent': ['', want, /the probe failed/],
  'a failed probe is unknown': [
    { exitCode: 3, stderr: 'ssh-keygen is not installed' },
    want,
    /not installed/,
  ],
})
test('bad options are errors at once', () => {
  assert.throws(() => knownHosts({ ...want, host: 'a b' }), /not a host's name/)
  assert.throws(() => knownHosts({ ...want, port: 0 }), /port: 0 is not possible/)
  assert.throws(() => knownHosts({ ...want, keys: [`git.example ${a}`] }), /not a public key/)
  assert.throws(() => knownHosts({ ...want, user: 'A' }), /not a user's/)
})
test('each file and port is another operation', () => {
  const names = [want, { ...want, port: 2222 }, { ...want, user: 'deploy' }].map(
    one => knownHosts(one).name,
  )
  assert.equal(names, [
    'git.example /etc/ssh/ssh_known_hosts',
    '[git.example]:2222 /etc/ssh/ssh_known_hosts',
    'git.example of deploy',
  ])
})

/** busybox has none of its own. */
const tools = { 'ssh-keygen': 'exec /usr/bin/ssh-keygen "$@"' }
const settles = (title: string, make: Parameters<typeof settlesWith>[1], rest: Settling) =>
  settlesWith(title, make, { ...rest, tools })
const path = (folder: `/${string}`) => `${folder}/known_hosts` as const
const holds = (text: string) => (folder: `/${string}`) =>
  assert.is(readFileSync(path(folder), 'utf8'), text)
const rest = `# keys\nother.example,10.0.0.2 ${b}\n*.example ${b}\n`

settlesPartOfFile('a key', folder => knownHosts({ ...want, path: path(folder) }), {
  at: path,
  missing: rest,
  right: `${rest}git.example ${a}\n`,
  wrong: `${rest}git.example ${b}\n`,
  tools,
})
settles('no file', folder => knownHosts({ ...want, path: path(folder) }), {
  after: folder => {
    holds(`git.example ${a}\n`)(folder)
    assert.is(statSync(path(folder)).mode & 0o777, 0o644)
  },
})
settles(
  'a line with other hosts, and a port',
  folder => knownHosts({ ...want, port: 2222, path: path(folder) }),
  {
    before: folder =>
      writeFileSync(
        path(folder),
        `git.example ${b}\nx.example,[git.example]:2222,10.0.0.3 ${b} comment\n[git.example]:2222 ${a}`,
      ),
    after: holds(`git.example ${b}\nx.example,10.0.0.3 ${b} comment\n[git.example]:2222 ${a}\n`),
  },
)
settles(
  'hashed lines less',
  folder => knownHosts({ host: 'git.example', state: 'absent', path: path(folder) }),
  {
    before: folder => {
      writeFileSync(path(folder), `git.example ${b}\nother.example ${b}\n`)
      execFileSync('ssh-keygen', ['-q', '-H', '-f', path(folder)], { stdio: 'ignore' })
      chmodSync(path(folder), 0o600)
    },
    after: folder => {
      assert.match(readFileSync(path(folder), 'utf8'), /^\|1\|\S+ ssh-ed25519 \S+\n$/)
      assert.is(statSync(path(folder)).mode & 0o777, 0o600)
    },
  },
)

test.run()
