import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeLocalInventory } from '../support/local-inventory.ts'
import { parseEvents, root, waitUntil, zxArguments } from '../support/run-playbook.ts'

const hosts = writeLocalInventory('one', 'two')
const folder = mkdtempSync(join(tmpdir(), 'brdtest-adhoc-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** Starts a script of ours; stdin is this text. */
const start = (script: string, args: readonly string[], stdin = '') => {
  const child = spawn(process.execPath, [...zxArguments(script), ...args], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, CI: '1' },
  })
  child.stdin.end(stdin)
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', chunk => (stdout += chunk))
  child.stderr.on('data', chunk => (stderr += chunk))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>(resolve =>
    child.on('close', code => resolve({ code, stdout, stderr })),
  )
  return { child, ended }
}
const run = (...args: readonly string[]) => start('scripts/run.ts', args).ended

test('a command on every host, its answer once where it is the same', async () => {
  const printed = async (...args: readonly string[]) => {
    const { code, stdout } = await run(...args)
    return [code, stdout]
  }
  assert.equal(await printed('all', '-i', hosts, '--', 'echo', 'a  b'), [
    0,
    'all 2 hosts\n  a  b\n\n2 ok\n',
  ])
  assert.equal(await printed('one', '-i', hosts, '--', 'echo x | tr x y'), [0, 'y\n'])
  const { code, stdout } = await run(
    'all',
    '-i',
    hosts,
    '-l',
    'two',
    '--json',
    '--',
    'echo x; echo y >&2; exit 3',
  )
  assert.equal(
    [code, JSON.parse(stdout)],
    [2, { host: 'two', is: 'ended', exitCode: 3, stdout: 'x\n', stderr: 'y\n' }],
  )
})

test('with --json each host is told of as it answers, whatever another does', async () => {
  const [first, go] = [join(folder, 'first'), join(folder, 'go')]
  const wait = `while [ ! -e ${go} ]; do sleep 0.1; done`
  const line = `if mkdir ${first} 2>/dev/null; then ${wait}; fi; echo done`
  const { child, ended } = start('scripts/run.ts', ['all', '-i', hosts, '--json', '--', line])
  const lines: string[] = []
  child.stdout.on('data', chunk => lines.push(...String(chunk).trim().split('\n')))
  await waitUntil('one host has answered while the other goes on', () => lines.length === 1, 60)
  writeFileSync(go, '')
  assert.is((await ended).code, 0)
  assert.equal(lines.map(one => JSON.parse(one).host).sort(), ['one', 'two'])
})

test('--help before the command shows the help, and the command is not run', async () => {
  const made = join(folder, 'made')
  const { code, stdout } = await run('one', '-i', hosts, '--help', '--', `touch ${made}`)
  assert.is(code, 0)
  assert.match(stdout, /^npx zx scripts\/run\.ts PATTERN/)
  assert.not.ok(existsSync(made))
})

test('Ctrl-C ends what runs on the hosts, and no other is begun', async () => {
  const [begun, second] = [join(folder, 'begun'), join(folder, 'second')]
  const begin = `echo $$ >${begun}.new; mv ${begun}.new ${begun}; sleep 271`
  const line = `if [ -e ${begun} ]; then : >${second}; else ${begin}; fi`
  const { child, ended } = start('scripts/run.ts', ['all', '-i', hosts, '-f', '1', '--', line])
  await waitUntil('the command runs', () => existsSync(begun), 60)
  child.kill('SIGINT')
  const { code, stdout } = await ended
  assert.is(code, 130, stdout)
  assert.match(stdout, /one +interrupted: killed while it ran\ntwo +interrupted: not begun/)
  assert.not.ok(existsSync(second))
  const pid = readFileSync(begun, 'utf8').trim()
  assert.not.ok(existsSync(`/proc/${pid}`), 'its process is gone')
})

const bad: Record<string, [args: string[], says: RegExp]> = {
  'a command has no check mode': [
    ['one', '-C', '--', 'true'],
    /^--check: not supported with a command: a command has no check mode\n/,
  ],
  'a time limit that no timer holds': [
    ['one', '--seconds', '3000000', '--', 'true'],
    /^--seconds 3000000: must be a whole number of seconds, 1 to 604800\n/,
  ],
  'no pattern': [['--', 'true'], /^PATTERN: is required\n/],
  'neither command nor operation': [['one'], /^a command or an operation is required\n/],
  'a misspelt option': [
    ['one', '--op', 'file', '--pth', '/x'],
    /^--pth: unknown flag\n +did you mean --path\?/,
  ],
  'a wrong word': [
    ['one', '--op', 'service', '--name', 'x', '--state', 'runing'],
    /^--state: "runing" is not one of running, stopped/m,
  ],
}
for (const [title, [args, says]] of Object.entries(bad))
  test(`refused: ${title}`, async () => {
    const { code, stdout, stderr } = await run('-i', hosts, ...args)
    assert.equal([code, stdout], [1, ''], stderr)
    assert.match(stderr, says)
    assert.not.match(stderr, /\n +at /, 'no stack')
  })

test('an operation, with all flags of a playbook', async () => {
  const path = join(folder, 'motd')
  const { code, stdout, stderr } = await run(
    'one',
    '-i',
    hosts,
    '--op',
    'file',
    '--path',
    path,
    '--content',
    'hi',
    '--check',
    '--json',
  )
  assert.is(code, 0, stderr)
  const outcomes = parseEvents(stdout).flatMap(event =>
    event.type === 'op-settled' ? [event.outcome] : [],
  )
  assert.equal(
    outcomes.map(({ is }) => is),
    ['would-change'],
  )
  assert.not.ok(existsSync(path))
  assert.match(
    (await run('one', '--op', 'file', '--help')).stdout,
    /--path … +.*\n(?:.*\n)*.*--check/,
  )
})

test('the console: hosts, a command on them, and what goes wrong is said', async () => {
  const lines =
    '.hosts\nselect("t*")[0].name\nawait run("one", ["echo", "a b"]).then(all => all[0].exitCode + 40)\n.run nobody true\n'
  const { code, stdout, stderr } = await start('scripts/console.ts', ['-i', hosts], lines).ended
  assert.is(code, 0)
  assert.match(stderr, /^no host or group is named "nobody"\n/)
  for (const says of [/^2 hosts; /, /one\tlocal\ntwo\tlocal/, /'two'/, /a b\n40\n/])
    assert.match(stdout, says)
})

test.run()
