import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { InputError } from '../../../lib/errors/input-error.ts'
import { readExtraLayer } from '../../../lib/inventory/extra-vars.ts'
import { loadInventory } from '../../../lib/inventory/load.ts'
import { readSource } from '../../../lib/inventory/read-source.ts'
import { parseYaml } from '../../../lib/inventory/yaml.ts'
import { complaints, inventory, schema } from './sample.ts'

const refusal = (text: string): string => {
  try {
    parseYaml(text, 'hosts.yaml')
    return 'read'
  } catch (error) {
    assert.instance(error, InputError, (error as Error).stack)
    return (error as Error).message
  }
}

const bomb = Array.from(
  { length: 30 },
  (_, i) => `l${i}: &l${i} [${i === 0 ? '1' : `*l${i - 1}, `.repeat(10)}]\n`,
).join('')
const chain = Array.from(
  { length: 200 },
  (_, i) => `l${i}: &l${i} {a: ${i === 0 ? '1' : `*l${i - 1}`}}\n`,
).join('')

const refused: Record<string, [text: string, says: RegExp]> = {
  'an alias without its anchor': [
    'defaults: &defaults {a: 1}\nb: *default\n',
    new RegExp(
      '^hosts\\.yaml:2:4: no anchor &default stands before this; did you mean "defaults"\\?\n' +
        ' {2}For a text that begins with \\*, write quotes: "\\*default"$',
    ),
  ],
  'an anchor that comes later': ['a: *b\nb: &b 1\n', /^hosts\.yaml:1:4: no anchor &b stands/],
  'a merge of a number': ['a:\n  <<: 5\n', /^hosts\.yaml:2:7: << takes a map, or a list of maps\n/],
  'a merge of a list with a text': [
    'a: &a {b: 1}\nc:\n  <<: [*a, x]\n',
    /^hosts\.yaml:3:7: << takes a map/,
  ],
  'a merge of nothing': ['a:\n  <<:\n', /<< takes a map/],
  'a merge of itself': ['a: &a\n  <<: *a\n', /^hosts\.yaml:2:7: \*a contains itself\n/],
  'a list in itself': ['a: &a [*a]\n', /^hosts\.yaml:1:8: \*a contains itself$/],
  'a circle of two': ['a: &a {b: &b {c: *a}}\n', /^hosts\.yaml:1:18: \*a contains itself$/],
  'a bomb of aliases': [bomb, /^hosts\.yaml:7:9: expands to more than 1,000,000 values$/],
  'a chain of aliases, deep': [chain, /^hosts\.yaml:\d+:\d+: is nested more than 100 levels deep$/],
  'brackets, deep': [`${'['.repeat(150)}${']'.repeat(150)}`, /is nested more than 100 levels/],
  'brackets, deeper than the stack': [
    '['.repeat(200_000),
    /^hosts\.yaml:1:101: is nested more than 100 levels/,
  ],
  'a vault of Ansible': [
    'a:\n  password: !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    6162\n',
    /^hosts\.yaml:2:20: the tag !vault is not known\n {2}ansible-vault .*secrets\.ts set NAME\.$/,
  ],
  'a tag on a map': ['a: !!python/object {b: 1}\n', /the tag tag:yaml\.org,2002:python\/object/],
  'a tag of nobody': ['a: !env HOME\n', /^hosts\.yaml:1:9: the tag !env is not known\n/],
  'the key __proto__': [
    'a:\n  __proto__: {b: 1}\n',
    /^hosts\.yaml:2:3: "__proto__" cannot be a key\n/,
  ],
  'the key constructor': ['constructor: 1\n', /"constructor" cannot be a key/],
  'the key toString': ['a: {toString: 1}\n', /"toString" cannot be a key/],
  'a key that is there twice': ['a: 1\nb: 2\na: 3\n', /^hosts\.yaml:3:1: "a" is there twice$/],
  'the same key by an alias': ['? &a x\n: 1\n? *a\n: 2\n', /"x" is there twice|must be strings/],
  'a key that is a list': ['? [a]\n: 1\n', /hosts\.yaml:1:3: /],
  'a tab as indentation': ['a:\n\tb: 1\n', /^hosts\.yaml:2:1: Tabs are not allowed/],
  'a second document': ['a: 1\n---\nb: 2\n', /^hosts\.yaml:2:1: a second document begins here/],
  'a number that would be rounded': [
    'account: 12345678901234567890\n',
    /^hosts\.yaml:1:10: 12345678901234567890 is too large for a number\n {2}Write it in quotes\.$/,
  ],
  'a mode that would lose its zero': ['mode: 0644\n', /^hosts\.yaml:1:7: 0644 begins with 0/],
}
for (const [name, [text, says]] of Object.entries(refused))
  test(`refuses ${name}`, () => assert.match(refusal(text), says))

test('20,000 problems are a message of twenty', () => {
  const message = refusal(Array.from({ length: 20_000 }, (_, i) => `k${i}: *x${i}\n`).join(''))
  assert.is(message.split('\n').length, 41)
  assert.match(message, /\n… and 19980 more problems$/)
  assert.ok(refusal(`${'k'.repeat(1_000_000)}: *x\n`).length < 1000)
})

test('of many wrong names only those that are shown are compared with the known ones', async () => {
  const lines = (line: (i: number) => string) => Array.from({ length: 30 }, (_, i) => line(i))
  const collect = (work: () => unknown): string[] => {
    try {
      work()
      return []
    } catch (error) {
      return (error as InputError).problems.map(({ message }) => message)
    }
  }
  const anchors = lines(i => `a${i}: &anchor${i} 1\n`).join('')
  const aliases = lines(i => `b${i}: *anchr${i}\n`).join('')
  const ofAliases = collect(() => parseYaml(anchors + aliases, 'hosts.yaml'))
  const known = lines(i => `variable${i}: 1`).join(', ')
  const source = parseYaml(`all: {vars: {${known}}}\n`, 'hosts.yaml')
  const extra = [`{${lines(i => `variabel${i}: 1`).join(', ')}}`]
  const ofExtra = collect(() => readExtraLayer(extra, source, schema))
  for (const all of [ofAliases, ofExtra])
    assert.equal(
      all.map(text => text.includes('did you mean')),
      lines(String).map(i => Number(i) < 20),
    )
})

test('an anchor that 2,000 hosts use is no bomb', () => {
  const hosts = Array.from(
    { length: 2000 },
    (_, i) => `    h${i}: {<<: *common, address: h${i}.example}\n`,
  )
  const { hosts: found } = inventory(
    `clusters:\n  web:\n    vars: &common {}\n    servers:\n${hosts.join('')}`
      .replace('&common {}', '{}')
      .replace('clusters:', 'all: &common {timezone: Europe/Moscow}\nclusters:')
      .replaceAll('    h', '      h'),
  )
  assert.is(found.size, 2000)
  assert.is(found.get('h1999')?.vars['timezone'], 'Europe/Moscow')
})

test('merges: what the map says itself wins, then the first of a list', () => {
  const { data } = parseYaml(
    'a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {z: 3, <<: [*a, *b]}\nd: {<<: *a, "<<": 5}\n',
    'f',
  )
  const { c, d } = data as Record<string, unknown>
  assert.equal(c, { z: 3, x: 1, y: 1 })
  assert.equal(d, { '<<': 5, x: 1, y: 1 })
})

test('a value that comes by an alias or a merge has the place where it is written', () => {
  const source = parseYaml('a: &a {x: [1, 2]}\nb: *a\nc:\n  <<: *a\n  y: 1\n', 'f')
  assert.is(source.place(['b', 'x', 1]), 'f:1:15')
  assert.is(source.place(['c', 'x', 0]), 'f:1:12')
  assert.is(source.place(['c', 'y'], 'key'), 'f:5:3')
  assert.is(source.place(['c', 'none']), 'f:4:3')
})

const scalar = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.boolean(),
  fc.constant(null),
  fc.stringMatching(/^[a-z *&!<:#'"-]{0,8}$/),
)
const { tree } = fc.letrec(tie => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^k[a-z]{0,4}$/), tie('tree'), { maxKeys: 4 }),
  ),
}))

test('plain data are read as the library reads them', () =>
  fc.assert(
    fc.property(tree, value => {
      const text = JSON.stringify(value)
      assert.equal(parseYaml(text, 'f').data, parse(text))
    }),
  ))

test('any text is read, or refused as bad input, in little time', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          'a',
          ':',
          ' ',
          '\n',
          '- ',
          '&a ',
          '*a',
          '<<: ',
          '[',
          ']',
          '{',
          '}',
          '!t ',
          '|',
          '>',
          "'",
          '"',
          '#',
          '\t',
          '---\n',
          '%',
          '?',
          ',',
          '\u0000',
          '\u001b',
          '0',
          '5',
        ),
        { maxLength: 60 },
      ),
      parts => void refusal(parts.join('')),
    ),
    { numRuns: 3000 },
  ))

test('files that cannot be read are named, and so are they with -e', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-yaml-'))
  try {
    assert.equal(await complaints(() => loadInventory(folder)), [
      `${folder}: is a folder, not a file`,
    ])
    const path = join(folder, 'hosts.yaml')
    writeFileSync(path, '\ufeffservers: {a: {address: 192.0.2.1}}\n')
    assert.is((await loadInventory(path)).hosts.size, 1)
    const extra = (...given: string[]) => complaints(() => loadInventory(path, { extra: given }))
    assert.equal(await extra(`@${folder}`), [`-e @${folder}: is a folder, not a file`])
    assert.equal(await extra('{a: *x}'), ['-e:1:5: no anchor &x stands before this'])
    assert.equal(await extra('__proto__.user=x'), ['-e: "__proto__" cannot be a name'])
    assert.equal(await extra('toString=x'), ['-e: "toString" cannot be a name'])
    assert.equal(await extra('{"constructor": 1}'), ['-e:1:2: "constructor" cannot be a key'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a computed inventory that contains itself, or a reserved key, is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-yaml-'))
  try {
    const read = async (text: string) => {
      const path = join(folder, `${Math.random()}.ts`)
      writeFileSync(path, text)
      return (await complaints(() => readSource(path))).map(line => line.replace(path, 'X'))
    }
    writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
    assert.equal(await read('const a = {}; a.b = a; export default a'), [
      'X: the data contain themselves, or are too deep',
    ])
    assert.equal(await read('export default { servers: { constructor: {} } }'), [
      'X: "constructor" cannot be a key',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
