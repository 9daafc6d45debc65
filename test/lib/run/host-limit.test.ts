import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Loopback, startLoopback } from '../../support/loopback.ts'
import { type RunResult, root, runPlaybook, zxArguments } from '../../support/run-playbook.ts'

let hosts: Loopback
test.before(async () => {
  hosts = await startLoopback(['a', 'b', 'c'])
})
test.after(() => hosts?.stop())
test.after.each(() => hosts?.clear())

const limited = (...more: readonly string[]): Promise<RunResult> =>
  runPlaybook('limited', ['-i', hosts.inventory, '--dir', hosts.folder, ...more])
const played = (): string[] => hosts.list('.').filter(name => name !== 'shared')

test('a play gets no host that --limit leaves out, and the recap names those', async () => {
  const { code, stdout, stderr } = await limited('-l', 'b')
  assert.equal([code, played()], [0, ['b']], stderr)
  assert.match(stdout, /^note {2}--limit b leaves out: a, c$/m)
  assert.match(stdout, /1 host \(1 ok\), 1 changed/)
})

test('without --limit every host is played, and nothing is said of it', async () => {
  const { code, stdout } = await limited()
  assert.equal([code, played()], [0, ['a', 'b', 'c']])
  assert.not.match(stdout, /leaves out/)
})

test('--list-tasks lists no other host either', async () => {
  const { code, stdout, stderr } = await limited('-l', 'b', '--list-tasks')
  assert.equal(
    [code, stdout.match(/^[abc]$/gm), stderr],
    [0, ['b'], '--limit b leaves out: a, c\n'],
  )
})

test('a limit that leaves no host to a playbook is an error', async () => {
  const { code, stderr } = await limited('-l', 'a', '--how', 'pattern')
  assert.equal([code, played()], [1, []])
  assert.match(stderr, /^--limit a: leaves no host to this playbook\n {2}It is for b/m)
})

test('what may not be done in part refuses before the first connection', async () => {
  const { code, stderr } = await limited('-l', 'a', '--how', 'together')
  assert.equal([code, played()], [1, []])
  assert.match(stderr, /--limit a: leaves out b, c: they are one thing\n {2}Leave --limit away/)
})

test('a host that is left out has no shell, so that no script reaches it', async () => {
  const { code, stderr } = await limited('-l', 'a', '--how', 'on')
  assert.is(code, 1)
  assert.match(stderr, /--limit a: leaves out b: the script works on it/)
})

for (const [playbook, more, message] of [
  [
    'deploy-environment',
    ['--env', 'old-prod'],
    /leaves out old-one: Old Prod Env is deployed as a/,
  ],
  [
    'rotate',
    ['--env', 'old-prod', '--secret', 'database'],
    /leaves out old-one: Old Prod Env is deployed as a whole/,
  ],
  [
    'rotate',
    ['--cluster', 'brd-infra-old', '--secret', 'grafana'],
    /leaves out old-one: the passwords of the tools are changed there/,
  ],
  ['environment', ['--env', 'old-prod', 'status'], /leaves out old-one: status runs there/],
] as const)
  test(`${playbook} ${more.join(' ')} is not done in part`, () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [...zxArguments(`playbooks/${playbook}.ts`), ...more, '-l', 'old-two'],
      { cwd: root, encoding: 'utf8' },
    )
    assert.is(status, 1, stderr)
    assert.match(stderr, message)
  })

test.run()
