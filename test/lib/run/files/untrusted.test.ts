import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PlacedItem } from '../../../../lib/operations/tree/source.ts'
import { listNames, verifyListing } from '../../../../lib/run/files/untrusted.ts'

const printed = (...names: string[]) =>
  Buffer.from(names.map(name => `${name}\0`).join(''), 'latin1')

test('names below the folder are believed, whatever is in them', () =>
  assert.equal(listNames(printed('./b/-c', './b', './a\n..', './...', './..x')), [
    '...',
    '..x',
    'a\n..',
    'b',
    'b/-c',
  ]))
for (const bad of [
  './../x',
  '../x',
  '/etc/passwd',
  './a/../../x',
  './/etc',
  './a//b',
  './a/./b',
  '.',
  './a/..',
  'x',
])
  test(`the name ${bad} is not`, () =>
    assert.throws(() => listNames(printed('./ok', bad)), /a name that no folder holds/))
test('nor is one that is no text', () =>
  assert.throws(() => listNames(printed('./\xff')), /no UTF-8/))

const rest = { mtime: 0, owner: 'root', group: '0' } as const
const dir = (path: string): PlacedItem => ({ ...rest, path, type: 'directory', mode: '755' })
const link = (path: string): PlacedItem => ({
  ...rest,
  path,
  type: 'symlink',
  mode: null,
  target: '/etc',
})
test('things in folders that were told of are believed', () =>
  assert.is(verifyListing([dir('.'), dir('a'), dir('a/b'), link('a/b/l'), link('l')]).length, 5))
const wrong: Readonly<Record<string, readonly PlacedItem[]>> = {
  'in a symlink': [dir('.'), link('a'), link('a/f')],
  'in a folder that was not told of': [dir('.'), link('a/f')],
  'told twice': [dir('.'), dir('a'), link('a'), link('a/f')],
  'of an owner that is a flag': [dir('.'), { ...dir('a'), owner: '--reference=/x' }],
  'of a group with a colon': [dir('.'), { ...dir('a'), group: 'a:b' }],
  'with a mode that is none': [dir('.'), { ...dir('a'), mode: '+s' }],
}
for (const [title, items] of Object.entries(wrong))
  test(`a thing ${title} is not`, () =>
    assert.throws(() => verifyListing(items), /the host told of/))

test.run()
