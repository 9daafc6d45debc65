import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { mariadb } from '../../../../lib/operations/mariadb.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const flags = 'type FLAGSET\tNULL\tNULL\tNULL\tindex_merge=on,mrr=off,mrr_sort_keys=off'
plans(mariadb.setting, {
  'leaves what is right': ['value 100\n', { name: 'max_connections', value: 100 }, []],
  'another value': [
    'value 100\n',
    { name: 'max_connections', value: 200 },
    ['max_connections: 100 -> 200'],
  ],
  'a switch': ['value 1\n', { name: 'slow_query_log', value: false }, ['slow_query_log: 1 -> 0']],
  'a switch by its word': ['value 1\n', { name: 'slow_query_log', value: 'ON' }, []],
  'a switch that is shown as a word': ['value ON\n', { name: 'event_scheduler', value: true }, []],
  'a word that is the other one': [
    'value 0\n',
    { name: 'slow_query_log', value: 'on' },
    ['slow_query_log: 0 -> on'],
  ],
  'a number is a number': ['value ON\n', { name: 'x', value: 1 }, ['x: ON -> 1']],
  'an empty text': ['value \n', { name: 'init_connect', value: '' }, []],
  'a word of an enumeration in lower case': [
    'type ENUM\nvalue ROW\n',
    { name: 'binlog_format', value: 'row' },
    [],
  ],
  'another word of an enumeration': [
    'type ENUM\nvalue ROW\n',
    { name: 'binlog_format', value: 'mixed' },
    ['binlog_format: ROW -> mixed'],
  ],
  'the words of a set in another order and case': [
    'type SET\nvalue STRICT_TRANS_TABLES,NO_ZERO_DATE\n',
    { name: 'sql_mode', value: 'no_zero_date, strict_trans_tables' },
    [],
  ],
  'a set with a word less': [
    'type SET\nvalue STRICT_TRANS_TABLES,NO_ZERO_DATE\n',
    { name: 'sql_mode', value: 'STRICT_TRANS_TABLES' },
    ['sql_mode: STRICT_TRANS_TABLES,NO_ZERO_DATE -> STRICT_TRANS_TABLES'],
  ],
  'a fraction': ['type DOUBLE\nvalue 0.100000\n', { name: 'long_query_time', value: 0.1 }, []],
  'flags: those that are given, by their names': [
    `${flags}\nvalue index_merge=on,mrr=on,mrr_sort_keys=off\n`,
    { name: 'optimizer_switch', value: 'mrr_sort_keys=OFF, MRR=on' },
    [],
  ],
  'flags: one that differs': [
    `${flags}\nvalue index_merge=on,mrr=off\n`,
    { name: 'optimizer_switch', value: 'index_merge=on,mrr=on' },
    ['optimizer_switch: index_merge=on,mrr=off -> index_merge=on,mrr=on'],
  ],
  'flags: one that the server does not know': [
    `${flags}\nvalue index_merge=on,mrr=off\n`,
    { name: 'optimizer_switch', value: 'mmr=off' },
    ['optimizer_switch: index_merge=on,mrr=off -> mmr=off'],
  ],
  'flags: as by default, and one besides': [
    `${flags}\nvalue index_merge=on,mrr=on,mrr_sort_keys=off\n`,
    { name: 'optimizer_switch', value: 'default,mrr=on,mrr_sort_keys=default' },
    [],
  ],
  'flags: not as by default': [
    `${flags}\nvalue index_merge=off,mrr=on,mrr_sort_keys=off\n`,
    { name: 'optimizer_switch', value: 'default,mrr=on' },
    ['optimizer_switch: index_merge=off,mrr=on,mrr_sort_keys=off -> default,mrr=on'],
  ],
  'a number that the server rounds': [
    'type BIGINT UNSIGNED\t1024\t1073741824\t1024\t\nvalue 999424\n',
    { name: 'max_allowed_packet', value: 1000000 },
    [],
  ],
  'a number that it would round to another one': [
    'type BIGINT UNSIGNED\t1024\t1073741824\t1024\t\nvalue 999424\n',
    { name: 'max_allowed_packet', value: '1000448' },
    ['max_allowed_packet: 999424 -> 1000448'],
  ],
  'a number that it would cut': [
    'type BIGINT UNSIGNED\t10\t100000\t1\t\nvalue 100000\n',
    { name: 'max_connections', value: 200000 },
    /would not take 200000: it takes 10 to 100000/,
  ],
  'a name in another case': [
    'type VARCHAR\nvalue InnoDB\n',
    { name: 'default_storage_engine', value: 'innodb' },
    [],
  ],
  'a text in another case is another one': [
    'type VARCHAR\nvalue Select 1\n',
    { name: 'init_connect', value: 'select 1' },
    ['init_connect: Select 1 -> select 1'],
  ],
  'a text of two lines': [
    'type VARCHAR\nvalue SET @a=1;\nSET @b=2\n',
    { name: 'init_connect', value: 'SET @a=1;\nSET @b=2' },
    [],
  ],
  'no such variable': [
    { exitCode: 1, stderr: "ERROR 1193 (HY000) at line 1: Unknown system variable 'nope'" },
    { name: 'nope', value: 1 },
    /Unknown system variable 'nope'/,
  ],
  'an empty answer': ['', { name: 'max_connections', value: 1 }, /cannot be read/],
})

test('a text is quoted, and a name is a name', () => {
  const { stdin } = mariadb
    .setting({ name: 'sql_mode', value: "it's" })
    .decide(makeOutput('value \n'), nothingPending) as Change
  assert.is(stdin, "SET GLOBAL sql_mode = 'it''s';\n")
  assert.throws(
    () => mariadb.setting({ name: 'a = 1; DROP', value: 1 }),
    /is not a variable's name/,
  )
})

test.run()
