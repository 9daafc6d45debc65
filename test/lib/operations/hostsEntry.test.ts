import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hostsEntry } from '../../../lib/operations/hostsEntry.ts'
import { plans, refuses, settles } from '../../support/operations.ts'
import { settlesPartOfFile } from '../../support/settles-matrix.ts'

const want = { address: '10.0.0.5', names: ['db1.example', 'db1'] } as const

plans(hostsEntry, {
  'adds what is absent': ['end\n', want, ['db1.example: absent -> 10.0.0.5 db1.example db1']],
  'leaves what is right': ['10.0.0.5\tdb1.example   db1 # the database\nend\n', want, []],
  'puts right another address': [
    '10.0.0.4 db1\nend\n',
    want,
    ['db1.example: 10.0.0.4 db1 -> 10.0.0.5 db1.example db1'],
  ],
  'makes one line of two': [
    '10.0.0.5 db1.example\n10.0.0.5 db1\nend\n',
    want,
    ['db1.example: 10.0.0.5 db1.example\n10.0.0.5 db1 -> 10.0.0.5 db1.example db1'],
  ],
  removes: [
    '10.0.0.5 db1\nend\n',
    { names: ['db1'], state: 'absent' },
    ['db1: 10.0.0.5 db1 -> absent'],
  ],
  'leaves what is removed': ['end\n', { names: ['db1'], state: 'absent' }, []],
  'does not take an empty answer for absent': ['', want, /the probe failed/],
  'does not take a missing file for absent': [
    { exitCode: 1, stderr: 'no such file: /etc/hosts' },
    want,
    /no such file/,
  ],
})
test('bad options are errors at once', () => {
  assert.throws(
    () => hostsEntry({ ...want, address: '10.0.0' }),
    /"10.0.0" is not an IPv4 or IPv6 address/,
  )
  assert.throws(() => hostsEntry({ ...want, names: ['a b'] }), /not a host's name/)
})
test('it owns the file', () => assert.equal(hostsEntry(want).paths, ['/etc/hosts']))

const path = (folder: `/${string}`) => `${folder}/hosts` as const
const rest = '# hosts\n127.0.0.1 localhost\n::1 localhost ip6-localhost\n'
settlesPartOfFile('an entry', folder => hostsEntry({ ...want, path: path(folder) }), {
  at: path,
  missing: rest,
  right: `${rest}10.0.0.5 db1.example db1\n`,
  wrong: `${rest}10.0.0.4 db1\n`,
})
const holds = (text: string) => (folder: `/${string}`) =>
  assert.is(readFileSync(path(folder), 'utf8'), text)
settles(
  'names among others, of both families',
  folder => hostsEntry({ ...want, path: path(folder) }),
  {
    before: folder =>
      writeFileSync(
        path(folder),
        '127.0.1.1 me DB1 you # mine\n10.0.0.5 db1\n2001:db8::5 db1\n# 10.0.0.9 db1\n10.0.0.5 db1.example db1 db2',
      ),
    after: holds(
      '127.0.1.1 me you # mine\n10.0.0.5 db1.example db1\n2001:db8::5 db1\n# 10.0.0.9 db1\n10.0.0.5 db2\n',
    ),
  },
)
settles(
  'an address of the other family',
  folder => hostsEntry({ address: '2001:db8::5', names: ['db1'], path: path(folder) }),
  {
    before: folder => writeFileSync(path(folder), '10.0.0.5 db1\n2001:db8::4 db1\n'),
    after: holds('10.0.0.5 db1\n2001:db8::5 db1\n'),
  },
)
settles(
  'names less',
  folder => hostsEntry({ names: ['db1', 'db2'], state: 'absent', path: path(folder) }),
  {
    before: folder =>
      writeFileSync(path(folder), '10.0.0.5 db1\n2001:db8::5 db2 db3\n10.0.0.6 db10\n'),
    after: holds('2001:db8::5 db3\n10.0.0.6 db10\n'),
  },
)
settles(
  'a file of Windows',
  folder => hostsEntry({ address: '10.0.0.5', names: ['db1'], path: path(folder) }),
  {
    before: folder => writeFileSync(path(folder), '127.0.0.1 me\r\n10.0.0.4 x db1\r\n'),
    after: holds('127.0.0.1 me\r\n10.0.0.4 x\r\n10.0.0.5 db1\r\n'),
  },
)
refuses('no file', folder => hostsEntry({ ...want, path: path(folder) }), /no such file/)

test.run()
