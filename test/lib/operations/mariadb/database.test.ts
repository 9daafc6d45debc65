import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { mariadb } from '../../../../lib/operations/mariadb.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const want = {
  service: 'stage-data_mariadb',
  name: 'shop',
  charset: 'utf8mb4',
  collation: 'utf8mb4_unicode_ci',
}
const shop = 'database utf8mb4 utf8mb4_unicode_ci 3 0\n'

plans(mariadb.database, {
  'makes what is absent': [
    'database absent\n',
    want,
    [
      'database: absent -> shop',
      'charset: absent -> utf8mb4',
      'collation: absent -> utf8mb4_unicode_ci',
    ],
  ],
  'leaves what is right': [shop, want, []],
  'leaves what is not asked for': [
    'database latin1 latin1_swedish_ci 0 0\n',
    { container: 'db', name: 'shop' },
    [],
  ],
  'another character set': [
    'database latin1 latin1_swedish_ci 0 0\n',
    want,
    ['charset: latin1 -> utf8mb4', 'collation: latin1_swedish_ci -> utf8mb4_unicode_ci'],
  ],
  'drops one without tables': [
    'database utf8mb4 utf8mb4_unicode_ci 0 0\n',
    { ...want, state: 'absent' },
    ['database: shop -> absent'],
  ],
  'keeps one with tables': [shop, { ...want, state: 'absent' }, /it has 3 tables/],
  'keeps one with routines alone': [
    'database utf8mb4 utf8mb4_unicode_ci 0 2\n',
    { ...want, state: 'absent' },
    /it has 0 tables, and 2 routines and events/,
  ],
  'drops one with tables where that is meant': [
    shop,
    { ...want, state: 'absent', withTables: true },
    ['database: shop -> absent'],
  ],
  'is absent already': ['database absent\n', { ...want, state: 'absent' }, []],
  'a server that is down is not an absent database': [
    { exitCode: 3, stderr: 'no healthy task' },
    want,
    /no healthy task/,
  ],
  'nor is a client that fails': [
    { exitCode: 1, stderr: "ERROR 2002: Can't connect" },
    want,
    /Can't connect/,
  ],
  'nor an empty answer': ['', want, /cannot be read/],
})

plans(mariadb.database, {
  'a character set in another case': [
    'database utf8mb4 utf8mb4_bin 0 0\n',
    { name: 'a', charset: 'UTF8MB4', collation: 'utf8mb4_BIN' },
    [],
  ],
})

const sqlOf = (printed: string, name = 'a`b') =>
  (
    mariadb
      .database({ name, collation: 'utf8mb4_bin' })
      .decide(makeOutput(printed), nothingPending) as Change
  ).stdin

test('its name is quoted, and it is altered where it is there', () => {
  assert.is(sqlOf('database absent\n'), 'CREATE DATABASE `a``b` COLLATE utf8mb4_bin;\n')
  assert.is(sqlOf(shop), 'ALTER DATABASE `a``b` COLLATE utf8mb4_bin;\n')
})

test('what is no database of ours is an error at once', () => {
  assert.throws(
    () => mariadb.database({ name: 'mysql', state: 'absent' }),
    /a database of the server itself/,
  )
  assert.throws(
    () => mariadb.database({ name: 'a', charset: 'utf8; DROP' }),
    /is not a character set/,
  )
  assert.throws(
    () => mariadb.database({ name: 'a', collation: 'utf8_general_ci' }),
    /utf8_general_ci is utf8mb3 or utf8mb4.*write utf8mb4_general_ci/s,
  )
})

test.run()
