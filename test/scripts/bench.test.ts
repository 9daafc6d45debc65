import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadInventory } from '../../lib/inventory/load.ts'
import type { Path } from '../../lib/operations/file/entry.ts'
import { renderPairTable, takeMiddle } from '../../scripts/bench/against.ts'
import { groupAddresses, renderBenchInventory } from '../../scripts/bench/bench-hosts.ts'
import { addCompanySettings } from '../../scripts/bench/checkout.ts'
import { delayServer } from '../../scripts/bench/delayed-server.ts'
import type { Measured, Reach } from '../../scripts/bench/measurement.ts'
import { adviseTools } from '../../scripts/bench/other-tools.ts'
import { countChanged } from '../../scripts/bench/pyinfra.ts'
import { renderRawScript, sumChildSeconds } from '../../scripts/bench/raw-ssh.ts'
import { judgeRow, renderComparison, renderTable, takeMedian } from '../../scripts/bench/table.ts'
import { measureWhole } from '../../scripts/bench/whole.ts'
import { renderWholeTable } from '../../scripts/bench/whole-rows.ts'
import {
  describeWorkload,
  listCommands,
  listFiles,
  listFolders,
  listW1,
} from '../../scripts/bench/workload.ts'

const measured = (seconds: number, cpu = 0.1, more: Partial<Measured> = {}): Measured => ({
  seconds,
  cpu,
  changed: 0,
  ...more,
})

test('W1 is thirty operations: ten folders, ten files, five lines, five commands', () => {
  const kinds = listW1('/srv/bench', { owner: 0, group: 0 }).map(({ kind }) => kind)
  const count = (kind: string) => kinds.filter(it => it === kind).length
  assert.equal(
    [kinds.length, ...['directory', 'file', 'line', 'creates'].map(count)],
    [30, 10, 10, 5, 5],
  )
})

test('the files of W1 differ, and are about 850 bytes', () => {
  const contents = listFiles('/srv/bench').map(({ content }) => content)
  assert.is(new Set(contents).size, 10)
  for (const { length } of contents) assert.ok(length > 700 && length < 1000, `${length} bytes`)
})

const inFolder = (work: (home: Path) => void) => {
  const home = mkdtempSync(join(tmpdir(), 'brdtest-bench-'))
  try {
    work(home as Path)
  } finally {
    rmSync(home, { recursive: true })
  }
}

test('the script by hand does what the operations say: thirty changes, then none', () =>
  inFolder(home => {
    const { path, before } = describeWorkload(home)
    writeFileSync(path, before)
    const run = () => execFileSync('sh', ['-s'], { input: renderRawScript(home), encoding: 'utf8' })
    assert.is(run(), 'changed 30\n')
    for (const folder of listFolders(home)) assert.is(statSync(folder).mode & 0o777, 0o755)
    for (const { path, content } of listFiles(home)) assert.is(readFileSync(path, 'utf8'), content)
    assert.is(
      readFileSync(path, 'utf8'),
      'workers=4\nlevel=info\ncolor=blue\nmemory=512M\nlocale=C\ntimeout=30\nqueue=mail\n',
    )
    for (const { path } of listCommands(home))
      assert.match(readFileSync(path, 'utf8'), /^made \d$/m)
    assert.is(run(), 'changed 0\n')
  }))

test('an sshd listens on sixteen addresses at most', () => {
  assert.equal(
    groupAddresses(100).map(({ length }) => length),
    [16, 16, 16, 16, 16, 16, 4],
  )
  assert.is(groupAddresses(100)[6]?.[3], '127.0.1.100')
  assert.is(groupAddresses(1000).at(-1)?.at(-1), '127.0.4.250')
  assert.is(new Set(groupAddresses(1000).flat()).size, 1000)
})

test('the inventory of the benchmark is a sound one', async () => {
  const home = mkdtempSync(join(tmpdir(), 'brdtest-bench-'))
  try {
    const servers = [{ name: 'host1', address: '127.0.1.1', port: 2201 }]
    writeFileSync(
      join(home, 'hosts.yaml'),
      renderBenchInventory({ servers, identityFile: '/k', knownHosts: '/n', user: 'eve' }),
    )
    const host = (await loadInventory(join(home, 'hosts.yaml'))).hosts.get('host1')
    assert.equal(
      [host?.address, host?.port, host?.user, host?.sudo, host?.identityFile, host?.knownHosts],
      ['127.0.1.1', 2201, 'eve', false, '/k', '/n'],
    )
  } finally {
    rmSync(home, { recursive: true })
  }
})

test('the far server hands on what comes and what goes, in order, and ends', async () => {
  const echo = createServer(socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { server, close } = await delayServer(
    { name: 'near', address: '127.0.0.1', port: (echo.address() as AddressInfo).port },
    4,
  )
  try {
    const socket = connect(server.port, server.address)
    for (const word of ['one ', 'two ', 'three']) socket.write(word)
    socket.end()
    assert.is(await text(socket), 'one two three')
  } finally {
    close()
    echo.close()
  }
})

test('CPU seconds of the children are the second line of times', () => {
  assert.is(sumChildSeconds('0m0.003s 0m0.001s\n1m2.500s 0m0.250s\n'), 62.75)
})

/** measured -> what is said of it */
const verdicts: Record<
  string,
  [tool: Measured, reach: Reach | undefined, raw: Measured | undefined, said: string]
> = {
  'nothing is wanted': [measured(9), undefined, undefined, ''],
  'within the time': [measured(0.5), { seconds: 0.6 }, undefined, 'reached'],
  'over the time': [measured(0.7), { seconds: 0.6 }, undefined, 'short: wall'],
  'over the time, and the raw script too': [
    measured(0.9),
    { seconds: 0.6, rawRatio: 1.6 },
    measured(0.6),
    'reached',
  ],
  'over the time, and over the ratio': [
    measured(1),
    { seconds: 0.6, rawRatio: 1.6 },
    measured(0.6),
    'short: wall',
  ],
  'a busy machine excuses no CPU and no memory': [
    measured(1, 3, { mebibytes: 130 }),
    { seconds: 2, cpu: 2, mebibytes: 120 },
    undefined,
    'short: CPU, memory',
  ],
}
for (const [name, [tool, reach, raw, said]] of Object.entries(verdicts))
  test(`verdict: ${name}`, () => assert.is(judgeRow(tool, reach, raw), said))

test('the median is the one in the middle', () => {
  assert.is(takeMedian([measured(3), measured(1), measured(2)])?.seconds, 2)
  assert.is(takeMedian([measured(3), measured(1)])?.seconds, 1)
  assert.is(takeMedian([]), undefined)
})

test('the table has a row for what was measured, and for what was not', () => {
  const rows = [
    {
      work: 'W1',
      problems: [],
      tool: measured(1, 0.25, { trips: 1 }),
      raw: measured(0.5, 0.2),
      reach: { seconds: 2 },
    },
    { work: 'W2', problems: ['raw: no'] },
  ]
  const [, first, second, ...rest] = renderTable(rows).split('\n')
  assert.match(first ?? '', /^W1 +1\.00 +0\.25 .* 0\.50 +0\.20 +2\.00 x +2 s +reached$/)
  assert.match(second ?? '', /^W2 .* not measured$/)
  assert.equal(rest, [])
})

test('other tools stand beside ours, as multiples of it', () => {
  const others = [
    { work: 'W1', by: 'Ansible', problems: [], measured: measured(10, 5) },
    { work: 'W2', by: 'Ansible', problems: ['no time was left'] },
  ]
  assert.is(
    renderComparison(others, [{ work: 'W1, by node', problems: [], tool: measured(0.5, 0.25) }]),
    'W1, Ansible: 10.00 s, 5.00 s CPU, 20.0 x ours (CPU 20.0 x)\nW2, Ansible: not measured',
  )
})

test('a pair shows before and after, and what is more than 10 % worse', () => {
  const one = { work: 'W1', by: 'node', pairs: 10 } as const
  const before = { seconds: 2, cpu: 1, mebibytes: 100 }
  const pairs = [
    { ...one, before, after: { seconds: 1, cpu: 1.09, mebibytes: 110 } },
    { ...one, before, after: { seconds: 2.3, cpu: 0.5, mebibytes: 111 } },
    { ...one, pairs: 0, problem: 'it broke' },
  ]
  const [, ...rows] = renderPairTable(pairs).split('\n')
  assert.match(
    rows[0] ?? '',
    /2\.00 -> 1\.00 +x 0\.50 +1\.00 -> 1\.09 +x 1\.09 +100 -> 110 +x 1\.10$/,
  )
  assert.match(rows[1] ?? '', /WORSE: wall, memory$/)
  assert.match(rows[2] ?? '', /not measured: it broke$/)
})

test('the median of an even number is the mean of the two in the middle', () =>
  assert.equal([takeMiddle([3, 1, 2]), takeMiddle([4, 1, 3, 2]), takeMiddle([])], [2, 2.5, 0]))

test('the whole process comes with its bar', () => {
  const tool = measured(0.8, 0.85, { mebibytes: 95 })
  const reach: Reach = { seconds: 0.9, cpu: 0.9, mebibytes: 90 }
  const [, row = ''] = renderWholeTable([
    { work: '--help, by node', problems: [], tool, reach },
  ]).split('\n')
  assert.match(
    row,
    /^--help, by node +0\.80 +0\.85 +95 +0\.9 s, 0\.9 s CPU, 90 MiB +short: memory$/,
  )
})

test('a whole process is measured with what it starts', async () => {
  const command = (script: string) => ({
    words: ['sh', '-c', script],
    cwd: tmpdir(),
    env: { A: '7' },
  })
  const busy = `sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; echo "$A changed"`
  const { seconds, cpu, changed, mebibytes = 0 } = await measureWhole(command(busy), 60_000)
  assert.is(changed, 7)
  assert.ok(
    cpu > 0.02 && seconds > 0.02 && mebibytes > 0.5,
    JSON.stringify({ cpu, seconds, mebibytes }),
  )
  const error = await measureWhole(command('echo it broke; exit 3'), 60_000).catch(it => it)
  assert.is(error.message, 'it broke')
})

test("an older checkout's inventory has the settings that it demands", () => {
  const older = addCompanySettings('all:\n  user: root\nclusters:\n  bench:\n    servers:\n')
  assert.match(older, /^all:\n {2}acme: .*\n {2}firewall: .*\n {2}images: .*\n {2}user: root\n/)
  assert.match(older, /\n {2}bench:\n {4}domain: bench\.example\n {4}servers:\n/)
  assert.is(addCompanySettings(older), older)
})

test("pyinfra's changes are in its last row", () => {
  const row = (...cells: readonly string[]) => `Operation\n    Grand total   ${cells.join('   ')}\n`
  assert.is(countChanged(row('60', '58', '-', '2')), 58)
  assert.is(countChanged(row('50', '-', '-', '50')), 0)
  assert.throws(() => countChanged('Traceback'), /no table of results/)
})

test('a tool that is missing comes with the way to have it', () => {
  assert.match(String(adviseTools([])), /pip install 'pyinfra>=3,<4' ansible-core/)
  const play = async () => measured(1)
  assert.is(
    adviseTools([
      { name: 'pyinfra', play },
      { name: 'Ansible', play },
    ]),
    null,
  )
})

test.run()
