import { createHash } from 'node:crypto'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { mariadb } from '../../../lib/operations/mariadb.ts'
import { Secret } from '../../../lib/secret.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const password = new Secret("it's a \\ secret", 'stage/mariadb-app')
const want = {
  service: 'stage-data_mariadb',
  user: 'app',
  host: '%',
  password,
  grants: { '`shop`.*': ['SELECT', 'INSERT'] },
}

// What MariaDB 10.11 keeps of that password: SELECT UPPER(SHA1(UNHEX(SHA1(…)))).
const native = (text: string) =>
  `*${createHash('sha1').update(createHash('sha1').update(text).digest()).digest('hex').toUpperCase()}`
const kept = (text: string) => createHash('sha256').update(native(text)).digest('hex')
const right = `password ${kept(password.reveal())}\n`
const usage = 'GRANT USAGE ON *.* TO `app`@`%`\n'

plans(mariadb.user, {
  'makes what is absent': [
    'absent\n',
    want,
    [
      'user: absent -> app@%',
      'password: absent -> (secret stage/mariadb-app)',
      'on `shop`.*: absent -> INSERT, SELECT',
    ],
  ],
  'leaves what is right': [
    `${right}${usage}GRANT SELECT, INSERT ON \`shop\`.* TO \`app\`@\`%\`\n`,
    want,
    [],
  ],
  'the account by which the server is administered keeps its way in': [
    `password ${kept('old')} others self\n${usage}`,
    want,
    /refused: the server is administered as app@%, .*mariadb\.administrator/,
  ],
  'another password': [
    `password ${kept('old')}\n${usage}GRANT INSERT, SELECT ON \`shop\`.* TO \`app\`@\`%\`\n`,
    want,
    ['password: another -> (secret stage/mariadb-app)'],
  ],
  'takes away what is too much, also elsewhere': [
    `${right}GRANT FILE ON *.* TO \`app\`@\`%\`\nGRANT SELECT, INSERT, DROP ON \`shop\`.* TO \`app\`@\`%\` WITH GRANT OPTION\n`,
    want,
    ['on `shop`.*: DROP, GRANT OPTION, INSERT, SELECT -> INSERT, SELECT', 'on *.*: FILE -> absent'],
  ],
  'one that was locked': [
    `password ${kept(password.reveal())} locked\n${usage}GRANT SELECT, INSERT ON \`shop\`.* TO \`app\`@\`%\`\n`,
    want,
    ['locked: yes -> no'],
  ],
  'a failed probe is not an absent user': [
    { exitCode: 3, stderr: 'no healthy task of stage-data_mariadb runs on this node' },
    want,
    /no healthy task/,
  ],
  'nothing printed is not an absent user': ['', want, /cannot be read/],
})

test('the password travels as stdin alone, as a quoted text', () => {
  const op = mariadb.user(want)
  const plan = op.decide(makeOutput('absent\n'), nothingPending)
  assert.ok(plan && 'apply' in plan)
  for (const text of [op.probe.text, plan.apply.text, JSON.stringify(plan)])
    assert.not.match(text, /a \\+ secret/)
  assert.instance(plan.stdin, Secret)
  assert.is(
    (plan.stdin as Secret).reveal(),
    "CREATE USER IF NOT EXISTS 'app'@'%' IDENTIFIED BY 'it''s a \\\\ secret';\nALTER USER 'app'@'%' IDENTIFIED BY 'it''s a \\\\ secret';\nGRANT SELECT, INSERT ON `shop`.* TO 'app'@'%';\n",
  )
})

test('what is missing is given before what is too much is taken', () => {
  const plan = mariadb
    .user(want)
    .decide(
      makeOutput(`${right}GRANT DROP, SELECT ON \`shop\`.* TO \`app\`@\`%\`\n`),
      nothingPending,
    )
  assert.ok(plan && 'apply' in plan)
  assert.match(
    (plan.stdin as Secret).reveal(),
    /GRANT INSERT ON `shop`\.\* TO 'app'@'%';\nREVOKE DROP ON `shop`\.\* FROM 'app'@'%';\n$/,
  )
})

test.run()
