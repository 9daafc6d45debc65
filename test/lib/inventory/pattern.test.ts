import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { selectHosts } from '../../../lib/inventory/pattern.ts'
import { complaints, inventory, sample } from './sample.ts'

const hosts = inventory(sample)
const names = (pattern: string, limit?: string) =>
  selectHosts(hosts, pattern, limit).map(({ name }) => name)

const rows: Record<string, string> = {
  all: 'web1 web2 web3 db1 db.two',
  '*': 'web1 web2 web3 db1 db.two',
  web1: 'web1',
  'db.two': 'db.two',
  web: 'web1 web2 web3',
  stage: 'web1',
  edge: 'web1 db1',
  'db1:web1': 'web1 db1',
  'db1,web1': 'web1 db1',
  ' db1 , web1 ': 'web1 db1',
  'web:&edge': 'web1',
  'web:!web2': 'web1 web3',
  '!web2:web': 'web1 web3',
  '!web': 'db1 db.two',
  '&edge:!stage': 'db1',
  'web:db:&edge:!web*': 'db1',
  'web*': 'web1 web2 web3',
  'web?': 'web1 web2 web3',
  '*.two': 'db.two',
  'ed*': 'web1 db1',
  '{web1,db1}': 'web1 db1',
  '~^(web|db)1$': 'web1 db1',
  '~web[12]:db1': 'web1 web2 db1',
  'web[0]': 'web1',
  'web[-1]': 'web3',
  'web[0:1]': 'web1 web2',
  'web[1:]': 'web2 web3',
  'web[:1]': 'web1 web2',
  'all[-2:]': 'db1 db.two',
  'web[0]:db[0]': 'web1 db1',
  'web[1:2],db1': 'web2 web3 db1',
}
for (const [pattern, expected] of Object.entries(rows))
  test(pattern, () => assert.is(names(pattern).join(' '), expected))

const refused: Record<string, string> = {
  wbe1: 'no host or group is named "wbe1"; did you mean "web1"?',
  nothing: 'no host or group is named "nothing"',
  'web[13]': 'the pattern "web[13]" matches no host',
  'web:!stagee': 'no host or group is named "stagee"; did you mean "stage"?',
  'x*': 'the pattern "x*" matches no host',
  'web1:x*': 'the pattern "x*" matches no host',
  'web[7]': 'the pattern "web[7]" matches no host',
  'web[-7]': 'the pattern "web[-7]" matches no host',
  'web[2:1]': 'the pattern "web[2:1]" matches no host',
  'web:!web*': 'the pattern "web:!web*" matches no host',
  'web:&db': 'the pattern "web:&db" matches no host',
  '': 'the pattern "" matches no host',
  ',': 'the pattern "," matches no host',
  '~(': 'pattern "~(": Invalid regular expression: /(/: Unterminated group',
  '~': 'pattern "~": there is no expression after ~',
  '!~': 'pattern "!~": there is no expression after ~',
  '@/nowhere': '@/nowhere: there is no such file of hosts',
  '@/tmp': '@/tmp: is a folder, not a file',
  '@/nowhere/retry': '@/nowhere/retry: there is no such file of hosts',
}
for (const [pattern, problem] of Object.entries(refused)) {
  test(`refuses ${pattern || 'nothing'}`, async () =>
    assert.equal(await complaints(() => names(pattern)), [problem]))
}

test('an expression of the operator ends after a second, whatever it is', async () => {
  const long = inventory(`servers:\n  ${'a'.repeat(60)}: {address: 192.0.2.1}\n`)
  for (const pattern of ['~(a+)+!', `+(+(a|aa))!`, `${'*a'.repeat(30)}!`]) {
    const begun = performance.now()
    const [problem = ''] = await complaints(() => selectHosts(long, pattern))
    assert.match(problem, /takes too long|matches no host/)
    assert.ok(performance.now() - begun < 10_000, pattern)
  }
})

test('--limit narrows, and says when it leaves nothing', async () => {
  assert.equal(names('web', 'edge:web3'), ['web1', 'web3'])
  assert.equal(await complaints(() => names('web', 'db1')), [
    '--limit db1: leaves none of the hosts of "web"',
  ])
  assert.equal(await complaints(() => names('web', 'wbe')), [
    'no host or group is named "wbe"; did you mean "web"?',
  ])
})

test('a retry file: one host a line; its unknown names with their lines, all at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-retry-'))
  const file = join(folder, 'site.retry')
  try {
    writeFileSync(file, '# failed\nweb3\n\ndb1  # slow disk\n')
    assert.equal(names(`@${file}`), ['web3', 'db1'])
    assert.equal(names('all', `@${file}`), ['web3', 'db1'])
    writeFileSync(file, 'web3\nwebb3\n\nnope\n')
    assert.equal(await complaints(() => names(`@${file}`)), [
      `${file}:2:1: no host or group is named "webb3"; did you mean "web3"?`,
      `${file}:4:1: no host or group is named "nope"`,
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a host that the overlay leaves out is named as such', async () => {
  const lab = inventory(sample, { name: 'lab', all: {}, hosts: { web2: {} } })
  assert.equal(
    selectHosts(lab, 'all').map(({ name }) => name),
    ['web2'],
  )
  assert.equal(await complaints(() => selectHosts(lab, 'db1')), [
    'db1 is in the inventory, but not in the lab',
  ])
})

const set = fc.subarray(['web1', 'web2', 'web3', 'db1', 'db.two'], { minLength: 1 })
test('`:` is union, `:&` intersection and `:!` difference, in the order of the inventory', () => {
  fc.assert(
    fc.property(
      set,
      fc.subarray(['web1', 'web2', 'web3', 'db1', 'db.two']),
      fc.subarray(['web1', 'web2', 'web3', 'db1', 'db.two']),
      (any, every, none) => {
        const pattern = [
          ...any,
          ...every.map(name => `&${name}`),
          ...none.map(name => `!${name}`),
        ].join(':')
        const expected = names('all').filter(
          name =>
            any.includes(name) && every.every(other => other === name) && !none.includes(name),
        )
        if (expected.length > 0) assert.equal(names(pattern), expected)
        else assert.throws(() => names(pattern), /matches no host/)
      },
    ),
    { numRuns: 300 },
  )
})

test.run()
