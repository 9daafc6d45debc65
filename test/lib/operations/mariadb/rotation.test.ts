import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Operation } from '../../../../lib/operation.ts'
import { mariadb } from '../../../../lib/operations/mariadb.ts'
import { Secret } from '../../../../lib/secret.ts'
import {
  hashPassword,
  MARIADB_FOLDERS,
  prepareMariadb,
  readUsers,
} from '../../../support/fake-mariadb.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../../support/operations.ts'
import { sandboxOperation } from '../../../support/sandbox.ts'

const [old, young] = [
  new Secret('old-password', 'stage/mariadb-root'),
  new Secret('new-password', 'stage/mariadb-root.next'),
]
const service = 'stage-data_mariadb'

plans(mariadb.administrator, {
  'leaves what is right': [
    `localhost ${hashPassword('new-password')}\n`,
    { service, password: young },
    [],
  ],
  'another password, wherever from': [
    `localhost ${hashPassword('old-password')}\n127.0.0.1 ${hashPassword('new-password')}\n% ${hashPassword('old-password')}\n`,
    { service, password: young },
    [
      'root@localhost: another password -> (secret stage/mariadb-root.next)',
      'root@%: another password -> (secret stage/mariadb-root.next)',
    ],
  ],
  'a server that takes none of the logins': [
    'refused\n',
    { service, password: young },
    ['login: refused by the server -> (secret stage/mariadb-root.next)'],
  ],
  'a failed probe is not an absent one': [
    { exitCode: 3, stderr: 'no healthy task' },
    { service, password: young },
    /no healthy task/,
  ],
  'nothing printed is no administrator': [
    '',
    { service, password: young },
    /the administrator cannot be read/,
  ],
})

const gone = { service, user: 'app', host: '%', state: 'absent' } as const
plans(mariadb.user, {
  'is gone': ['absent\n', gone, []],
  'is there': ['open 0\n', gone, ['user: open -> absent']],
  'was locked, and nothing is defined as it any more': [
    'locked 0\n',
    gone,
    ['user: locked -> absent'],
  ],
  'something is defined as it': [
    'open 2\n',
    gone,
    ['user: open -> locked: 2 objects are defined as it'],
  ],
  'the account by which the server is administered stays': [
    'open 0 self\n',
    { service, user: 'root', host: 'localhost', state: 'absent' },
    /refused: the server is administered as root@localhost, .*mariadb\.administrator/,
  ],
  'is locked already': ['locked 1\n', gone, []],
  'a failed probe is not an absent user': [
    { exitCode: 1, stderr: 'ERROR 2002' },
    gone,
    /ERROR 2002/,
  ],
})

const here = (folder: string, op: Operation) => sandboxOperation(op, folder, MARIADB_FOLDERS)
const [first, current, next] = [
  'run/secrets/root.cnf',
  'var/lib/mysql/.brd-root.cnf',
  'var/lib/mysql/.brd-root.new',
] as const
const administrator = (folder: string) =>
  here(folder, mariadb.administrator({ service, password: young }))
const login = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')
const right = (folder: string): void => {
  assert.equal(readUsers(folder), ['root@localhost new-password open 0'])
  assert.match(login(folder, current), /^\[client\]\nuser=root\npassword=new-password\nsocket=/)
  assert.not(existsSync(join(folder, next)))
}

settles('the administrator of new data', administrator, {
  before: prepareMariadb(['root@localhost old-password open 0'], { [first]: 'old-password' }),
  after: right,
})
settles('an administrator who was rotated before', administrator, {
  before: prepareMariadb(['root@localhost second open 0'], {
    [first]: 'first',
    [current]: 'second',
  }),
  after: right,
})
settles('a change that was broken off before the server knew it', administrator, {
  before: prepareMariadb(['root@localhost old-password open 0'], {
    [first]: 'old-password',
    [next]: 'new-password',
  }),
  after: right,
})
settles('the next change, after one that was broken off behind the server', administrator, {
  before: prepareMariadb(['root@localhost second open 0'], {
    [first]: 'first',
    [current]: 'first',
    [next]: 'second',
  }),
  after: right,
})

settles('data that were restored, and know the password already', administrator, {
  before: prepareMariadb(['root@localhost new-password open 0'], {
    [first]: 'first',
    [current]: 'second',
  }),
  after: right,
})
refuses('data that know another password than all that there are', administrator, /Access denied/, {
  before: prepareMariadb(['root@localhost second open 0'], { [first]: 'first' }),
})

const users = [
  'root@localhost first open 0',
  'app@% old-password open 0',
  'old@% old-password open 1',
]
const app = { service, host: '%', password: old, version: 'm' }
settles(
  'the end of a user, and of one that views are defined as',
  folder => [
    here(folder, mariadb.accepts({ ...app, user: 'app' })),
    here(folder, mariadb.user({ service, user: 'app', host: '%', state: 'absent' })),
    here(folder, mariadb.user({ service, user: 'old', host: '%', state: 'absent' })),
    here(folder, mariadb.refuses({ ...app, user: 'app' })),
    here(folder, mariadb.refuses({ ...app, user: 'old' })),
  ],
  {
    before: prepareMariadb(users, { [first]: 'first' }),
    after: folder =>
      assert.equal(readUsers(folder), [
        'root@localhost first open 0',
        'old@% old-password locked 1',
      ]),
  },
)
refuses(
  'a password that still logs in',
  folder => here(folder, mariadb.refuses({ ...app, user: 'app' })),
  /still logs in/,
  {
    before: prepareMariadb(users, { [first]: 'first' }),
  },
)
refuses(
  'a password that does not',
  folder => here(folder, mariadb.accepts({ ...app, user: 'app', password: young })),
  /Access denied/,
  {
    before: prepareMariadb(users, { [first]: 'first' }),
  },
)

test('no password is in a script', () => {
  const printed = `localhost ${hashPassword('old-password')}\n`
  for (const op of [
    mariadb.administrator({ service, password: young }),
    mariadb.accepts({ ...app, user: 'app', password: young }),
  ]) {
    const plan = op.decide(
      makeOutput(op.key.startsWith('runOnce ') ? 'never\n' : printed),
      nothingPending,
    )
    assert.ok(plan && 'apply' in plan)
    for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
      assert.not.match(text, /new-password/)
  }
})

test.run()
