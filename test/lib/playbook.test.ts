import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeLocalInventory } from '../support/local-inventory.ts'
import { listRecords, root, runPlaybook } from '../support/run-playbook.ts'

/**
 * hosts.yaml of the project, but that its first server is at a place that we watch; with one thing
 * replaced.
 */
const inventory = async (
  replace: readonly [string | RegExp, string],
  body: (path: string) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-playbook-'))
  let connections = 0
  const watched = createServer(socket => {
    connections++
    socket.destroy()
  })
  const port = await new Promise<number>(resolve =>
    watched.listen(0, '127.0.0.1', () => resolve((watched.address() as { port: number }).port)),
  )
  try {
    const text = readFileSync(join(root, 'hosts.yaml'), 'utf8').replace(
      'address: 192.0.2.11',
      `address: 127.0.0.1\n        port: ${port}`,
    )
    const path = join(folder, 'hosts.yaml')
    writeFileSync(path, text.replace(...replace))
    assert.not.equal(text, readFileSync(path, 'utf8'), 'something was replaced')
    await body(path)
    assert.is(connections, 0, 'nothing was connected to')
  } finally {
    watched.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The run ends at once with exit code 1 and this on stderr; it leaves no record. */
const refused = async (
  flags: readonly string[],
  says: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const before = listRecords('steps').length
  const { code, stdout, stderr } = await runPlaybook('steps', flags, { env })
  assert.equal([code, stdout], [1, ''], stderr)
  assert.match(stderr, says)
  assert.not.match(stderr, /\n +at /, 'no stack')
  assert.is(listRecords('steps').length, before)
}

const bad: Record<string, [replace: [string | RegExp, string], says: RegExp]> = {
  'a misspelt key': [
    [/^ {2}timezone:/m, '  timezonee:'],
    /^\S+hosts\.yaml:13:3: all\.timezonee: unknown key; did you mean "timezone"\?$/m,
  ],
  'a misspelt key of a server': [
    [/address: 127\.0\.0\.1/, 'adress: 127.0.0.1'],
    new RegExp(
      String.raw`^\S+hosts\.yaml:\d+:9: clusters\.brd-infra-old\.servers\.old-one\.adress: ` +
        String.raw`unknown key; did you mean "address"\?$`,
      'm',
    ),
  ],
  'a value that cannot be': [
    [/timezone: .*/, 'timezone: Mars/Olympus'],
    /^\S+hosts\.yaml:13:13: .*Mars\/Olympus/m,
  ],
  'text that is no YAML': [['clusters:', 'clusters: ]'], /^\S+hosts\.yaml:\d+:\d+: /m],
}
for (const [title, [replace, says]] of Object.entries(bad))
  test(`hosts.yaml: ${title} is named by file, line and column before anything is connected`, () =>
    inventory(replace, path => refused(['-i', path], says)))

const flags: Record<string, [flags: string[], says: RegExp]> = {
  'a misspelt flag': [['--limt', 'old-one'], /^--limt: unknown flag\n +did you mean --limit\?$/m],
  'a flag without its value': [['--limit'], /--limit.*argument missing/],
  'a stray word': [['old-one'], /^old-one: unexpected argument$/m],
  'an unknown host': [
    ['--limit', 'old-on'],
    /no host or group is named "old-on"; did you mean "old-one"\?/,
  ],
  'a file that is not there': [
    ['-i', '/nowhere/hosts.yaml'],
    /^\/nowhere\/hosts\.yaml: there is no such file$/m,
  ],
  'a variable without a value': [['-e', 'timezone'], /^-e: "timezone" is not a name=value pair$/m],
}
for (const [title, [given, says]] of Object.entries(flags))
  test(`flags: ${title} is named with the way out`, () => refused(given, says))

test('--lab where there is none: how to raise it, without a stack', () =>
  refused(['--lab'], /^the lab is not up/m, { BRD_LAB_HOME: '/nowhere' }))

test('--help, --list-hosts and --list-tasks connect to nothing and end well', () =>
  inventory([/^$/m, '# an own inventory'], async path => {
    const [help, hosts, tasks] = await Promise.all(
      [
        ['--help'],
        ['-i', path, '--list-hosts'],
        ['-i', path, '--check', '--list-tasks', '-l', 'old-one'],
      ].map(more => runPlaybook('steps', more)),
    )
    assert.equal([help?.code, hosts?.code, tasks?.code], [0, 0, 0])
    assert.match(help?.stdout ?? '', /^npx zx test\/fixtures\/playbooks\/steps\.ts \[flags\]\n/)
    assert.match(hosts?.stdout ?? '', /^old-one\t/m)
    assert.is(tasks?.stdout, 'old-one\n  steps: step one\n  steps: step two\n  steps: step three\n')
  }))

test('a misspelt tag beside a good one is named before anything runs', async () => {
  const path = writeLocalInventory('web1')
  await refused(
    ['-i', path, '--tags', 'steps,stpes'],
    /^--tags stpes: no role or operation has this tag; did you mean "steps"\?$/m,
  )
  await refused(['-i', path, '--skip-tags', 'stpes', '-C'], /^--skip-tags stpes: no role/m)
  await refused(['-i', path, '-t', 'steps', '--skip-tags', 'steps'], /selects no operation$/m)
  await refused(
    ['-i', path, '--start-at', 'two'],
    /no operation has this id; did you mean "step two"/,
  )
})

test('a limit that leaves the playbook without hosts is an error, in every mode', async () => {
  const path = writeLocalInventory('web1', 'web2')
  for (const mode of [[], ['-C'], ['--list-tasks']]) {
    const given = ['-i', path, '--on', 'web1', '-l', 'web2', ...mode]
    const { code, stderr } = await runPlaybook('../../../playbooks/examples/users', given)
    assert.is(code, 1, mode.join(' '))
    assert.match(stderr, /^--limit web2: leaves no host to this playbook\n/m)
  }
})

test('an empty value selects nothing, and never everything', async () => {
  await refused(['--tags', ''], /^--tags: its value is empty$/m)
  await refused(['--tags', ','], /^--tags ",": names nothing$/m)
  await refused(['--limit', '~'], /^pattern "~": there is no expression after ~$/m)
  await refused(['--limit', 'old-one', '-l', 'old-one'], /^--limit: is given twice$/m)
})

test.run()
