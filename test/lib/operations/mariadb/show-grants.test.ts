import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Change, Unknown } from '../../../../lib/operation.ts'
import { hashPassword } from '../../../../lib/operations/mariadb/hashed.ts'
import { comparePrivileges } from '../../../../lib/operations/mariadb/privileges.ts'
import { readGrants } from '../../../../lib/operations/mariadb/show-grants.ts'
import { mariadb } from '../../../../lib/operations/mariadb.ts'
import { Secret } from '../../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const account = { user: 'u', host: '%' }
const read = (printed: string) => readGrants(printed, account)

// As MariaDB 10.11.19 printed it, without the hash of the password.
const printed = `GRANT \`my role\` TO \`u\`@\`%\` WITH ADMIN OPTION
GRANT \`boss\` TO \`u\`@\`%\`
GRANT REPLICATION SLAVE, READ_ONLY ADMIN ON *.* TO \`u\`@\`%\` WITH GRANT OPTION
GRANT SELECT ON \`shop\\_1\`.* TO \`u\`@\`%\`
GRANT INSERT ON \`my shop\`.* TO \`u\`@\`%\` WITH GRANT OPTION
GRANT DELETE ON \`a\`\`b\`.* TO \`u\`@\`%\`
GRANT SELECT ON \`shop_1\`.* TO \`u\`@\`%\`
GRANT SELECT (\`c)d\`) ON \`my shop\`.\`t ON x\` TO \`u\`@\`%\`
GRANT SELECT, UPDATE (\`a\`, \`b\`) ON \`shop\`.\`goods\` TO \`u\`@\`%\`
GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE \`shop\`.\`tidy\` TO \`u\`@\`%\` WITH GRANT OPTION
GRANT EXECUTE ON FUNCTION \`shop\`.\`f\` TO \`u\`@\`%\`
GRANT PROXY ON \`v\`@\`localhost\` TO \`u\`@\`%\` WITH GRANT OPTION
SET DEFAULT ROLE \`boss\` FOR \`u\`@\`%\`
`

test('every line of a real server is read', () => {
  const all = read(printed)
  assert.not.instance(all, Unknown)
  if (all instanceof Unknown) return
  assert.equal(
    [...all.levels].map(([on, names]) => `${on}: ${[...names].join(', ')}`),
    [
      '*.*: REPLICATION SLAVE, READ_ONLY ADMIN, GRANT OPTION',
      '`shop\\_1`.*: SELECT',
      '`my shop`.*: INSERT, GRANT OPTION',
      '`a``b`.*: DELETE',
      '`shop_1`.*: SELECT',
      '`my shop`.`t ON x`: SELECT (`c)d`)',
      '`shop`.`goods`: SELECT, UPDATE (`a`), UPDATE (`b`)',
      'PROCEDURE `shop`.`tidy`: EXECUTE, ALTER ROUTINE, GRANT OPTION',
      'FUNCTION `shop`.`f`: EXECUTE',
    ],
  )
  assert.equal(
    [all.roles, all.defaultRole, all.proxies],
    [['`my role`', '`boss`'], '`boss`', ['`v`@`localhost`']],
  )
})

for (const [title, line, why] of [
  ['a line of a later version', 'GRANT EVERY THING\n', /is not understood: GRANT EVERY/],
  ['a line without an end', 'GRANT SELECT ON `a`.* TO `u\n', /is not understood/],
  ['a privilege of everybody', 'GRANT SELECT ON `a`.* TO PUBLIC\n', /not the user's own/],
  ['another account', 'GRANT SELECT ON `a`.* TO `v`@`%`\n', /not the user's own/],
] as const)
  test(`${title} is unknown, never dropped`, () => {
    const all = read(`GRANT USAGE ON *.* TO \`u\`@\`%\`\n${line}`)
    assert.match(all instanceof Unknown ? all.why : 'read', why)
  })

test('an account with quotes in its name is the same account', () =>
  assert.not.instance(
    readGrants("GRANT USAGE ON *.* TO `it's ``x```@`10.0.%`\n", {
      user: "it's `x`",
      host: '10.0.%',
    }),
    Unknown,
  ))

const password = new Secret('secret', 'stage/mariadb-app')
const right = `password ${hashPassword(password)}`
const want = { ...account, password, grants: { '`my_shop`.*': ['SELECT'] } }
const good = 'GRANT SELECT ON `my\\_shop`.* TO `u`@`%`\n'
plans(mariadb.user, {
  'a role is revoked': [
    `${right}\n${good}GRANT \`boss\` TO \`u\`@\`%\`\nSET DEFAULT ROLE \`boss\` FOR \`u\`@\`%\`\n`,
    want,
    ['default role `boss`: granted -> absent', 'role `boss`: granted -> absent'],
  ],
  'a routine is revoked': [
    `${right}\n${good}GRANT EXECUTE ON PROCEDURE \`shop\`.\`tidy\` TO \`u\`@\`%\`\n`,
    want,
    ['on PROCEDURE `shop`.`tidy`: EXECUTE -> absent'],
  ],
  'a database with a blank in its name is revoked': [
    `${right}\n${good}GRANT ALL PRIVILEGES ON \`my shop\`.* TO \`u\`@\`%\`\n`,
    want,
    ['on `my shop`.*: ALL PRIVILEGES -> absent'],
  ],
  'an underscore is the sign itself, not any sign': [
    `${right}\nGRANT SELECT ON \`my_shop\`.* TO \`u\`@\`%\`\n`,
    want,
    ['on `my\\_shop`.*: absent -> SELECT', 'on `my_shop`.*: SELECT -> absent'],
  ],
  'another way to log in ends': [
    `${right} others\n${good}`,
    want,
    ['other logins: possible -> absent'],
  ],
  'a password that has expired': [
    `${right} expired\n${good}`,
    want,
    ['password expired: yes -> no'],
  ],
  'a line that is not understood': [
    `${right}\nGRANT WHAT\n`,
    want,
    /is not understood: GRANT WHAT/,
  ],
})

plans(mariadb.grants, {
  'the name as a pattern is replaced by the name': [
    'GRANT SELECT ON `my_shop`.* TO `u`@`%`\n',
    { user: 'u', on: 'my_shop', privileges: ['SELECT'] },
    ['grant SELECT: absent -> on `my\\_shop`.*', 'revoke SELECT: on `my_shop`.* -> absent'],
  ],
  'a grant that is not understood': [
    'GRANT USAGE ON *.* TO `u`@`%`\nGRANT WHAT\n',
    { user: 'u', on: 'shop', privileges: [] },
    /is not understood: GRANT WHAT/,
  ],
})

test('a pattern of databases is refused', () =>
  assert.throws(
    () => mariadb.user({ ...want, grants: { '`dev_%`.*': ['SELECT'] } }),
    /% would match any text/,
  ))
test('what is not a level is refused', () =>
  assert.throws(() => mariadb.user({ ...want, grants: { shop: ['SELECT'] } }), /not a level/))
test('a role is revoked as itself', () => {
  const plan = mariadb
    .user(want)
    .decide(
      makeOutput(`${right}\n${good}GRANT \`boss\` TO \`u\`@\`%\`\n`),
      nothingPending,
    ) as Change
  assert.match((plan.stdin as Secret).reveal(), /\nREVOKE `boss` FROM 'u'@'%';\n$/)
})

const statements = (has: string[], wanted: string[]) =>
  comparePrivileges(new Set(has), new Set(wanted), 'x.*', 'u').statements
for (const [title, has, wanted, expected] of [
  [
    'less than all: first all is revoked, since it would take the rest along',
    ['ALL PRIVILEGES', 'GRANT OPTION'],
    ['SELECT'],
    [
      'REVOKE ALL PRIVILEGES ON x.* FROM u',
      'REVOKE GRANT OPTION ON x.* FROM u',
      'GRANT SELECT ON x.* TO u',
    ],
  ],
  [
    'all: nothing that it covers is revoked',
    ['SELECT'],
    ['ALL PRIVILEGES'],
    ['GRANT ALL PRIVILEGES ON x.* TO u'],
  ],
  [
    'the grant option has its own place',
    [],
    ['SELECT', 'GRANT OPTION'],
    ['GRANT SELECT ON x.* TO u WITH GRANT OPTION'],
  ],
  [
    'the grant option alone',
    ['SELECT'],
    ['SELECT', 'GRANT OPTION'],
    ['GRANT USAGE ON x.* TO u WITH GRANT OPTION'],
  ],
  [
    'one column of two',
    ['UPDATE (`a`)', 'UPDATE (`b`)'],
    ['UPDATE (`a`)'],
    ['REVOKE UPDATE (`b`) ON x.* FROM u'],
  ],
] as const)
  test(title, () => assert.equal(statements([...has], [...wanted]), expected))

test.run()
