import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { block } from '../../../lib/operations/block.ts'
import { plans, refuses, settles } from '../../support/operations.ts'

const want = { path: '/etc/hosts', name: 'lab', content: '10.0.0.1 a\n' } as const

plans(block, {
  'adds what is absent': ['absent\n', want, ['lab: absent -> 10.0.0.1 a\n']],
  'leaves what is right': ['10.0.0.1 a\npresent\n', want, []],
  'replaces other lines': ['x\npresent\n', want, ['lab: x\n -> 10.0.0.1 a\n']],
  'keeps an empty block apart from none': ['present\n', want, ['lab:  -> 10.0.0.1 a\n']],
  'does not touch a torn block': ['x\ntorn\n', want, /the marks of the block do not match/],
  'does not take an empty answer for absent': ['', want, /the probe failed/],
})

test('its own marks cannot stand in it', () =>
  assert.throws(
    () => block({ ...want, content: 'x\n# END lab (managed)\n' }),
    /the marks of this block/,
  ))

const f = (folder: `/${string}`) => `${folder}/f` as const
const file = (text: string) => (folder: `/${string}`) => writeFileSync(f(folder), text)
const holds = (text: string) => (folder: `/${string}`) =>
  assert.equal([readFileSync(f(folder), 'utf8'), readdirSync(folder)], [text, ['f']])
const marked = (text: string) => `# BEGIN b (managed)\n${text}# END b (managed)\n`
const odd = "\\n 'é' $x `y`\n\n&\n"

settles('a new block', folder => block({ path: f(folder), name: 'b', content: odd }), {
  before: file('one\ntwo'),
  after: holds(`one\ntwo\n${marked(odd)}`),
})
settles('a block in the middle', folder => block({ path: f(folder), name: 'b', content: odd }), {
  before: file(`one\n${marked('x\ny\n')}two\n`),
  after: holds(`one\n${marked(odd)}two\n`),
})
settles(
  'a block of Windows',
  folder => block({ path: f(folder), name: 'b', content: 'x\r\ny\n' }),
  {
    before: file('a\r\n# BEGIN b (managed)\r\nold\r\n# END b (managed)\r\nz'),
    after: holds('a\r\n# BEGIN b (managed)\r\nx\r\ny\r\n# END b (managed)\r\nz'),
  },
)
settles('a new block of Windows', folder => block({ path: f(folder), name: 'b', content: 'x' }), {
  before: file('a\r\n'),
  after: holds('a\r\n# BEGIN b (managed)\r\nx\r\n# END b (managed)\r\n'),
})
settles(
  'a block first, after a byte order mark',
  folder => block({ path: f(folder), name: 'b', content: 'x' }),
  {
    before: file('\ufeff# BEGIN b (managed)\n# END b (managed)\n'),
    after: holds('\ufeff# BEGIN b (managed)\nx\n# END b (managed)\n'),
  },
)
refuses(
  'a block in UTF-16',
  folder => block({ path: f(folder), name: 'b', content: 'x' }),
  /holds NUL bytes/,
  { before: folder => writeFileSync(f(folder), Buffer.from('\ufeffa\n', 'utf16le')) },
)
settles('an empty block', folder => block({ path: f(folder), name: 'b', content: '' }), {
  before: file(marked('x\n')),
  after: holds(marked('')),
})
settles(
  'two blocks of one file',
  folder => ['b', 'c'].map(name => block({ path: f(folder), name, content: `${name}\n` })),
  {
    before: file(''),
    after: holds(marked('b\n') + marked('c\n').replaceAll(' b ', ' c ')),
  },
)
refuses(
  'a block without an end',
  folder => block({ path: f(folder), name: 'b', content: 'x' }),
  /do not match/,
  {
    before: file('# BEGIN b (managed)\nx\n'),
    after: holds('# BEGIN b (managed)\nx\n'),
  },
)

test.run()
