import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { mariadb } from '../../../../lib/operations/mariadb.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

const want = { user: 'app', on: 'shop', privileges: ['SELECT', 'insert'] }
const usage = 'GRANT USAGE ON *.* TO `app`@`%`\n'
const shop = 'GRANT SELECT, INSERT ON `shop`.* TO `app`@`%`\n'

plans(mariadb.grants, {
  'gives what is missing': [
    usage,
    want,
    ['grant SELECT: absent -> on `shop`.*', 'grant INSERT: absent -> on `shop`.*'],
  ],
  'leaves what is right': [usage + shop, want, []],
  'a privilege that newer servers show by another name': [
    `${usage}GRANT BINLOG MONITOR, REPLICATION SLAVE ON *.* TO \`app\`@\`%\`\n`,
    { ...want, on: '*', privileges: ['replication client', 'REPLICATION REPLICA'] },
    [],
  ],
  'gives and takes': [
    `${usage}GRANT SELECT, DROP ON \`shop\`.* TO \`app\`@\`%\` WITH GRANT OPTION\n`,
    want,
    [
      'grant INSERT: absent -> on `shop`.*',
      'revoke DROP: on `shop`.* -> absent',
      'revoke GRANT OPTION: on `shop`.* -> absent',
    ],
  ],
  'leaves what is elsewhere': [
    `${usage}${shop}GRANT SELECT ON \`other\`.* TO \`app\`@\`%\`\n`,
    want,
    [],
  ],
  'none at all': [
    usage + shop,
    { ...want, privileges: [] },
    ['revoke SELECT: on `shop`.* -> absent', 'revoke INSERT: on `shop`.* -> absent'],
  ],
  'all of them': [
    'GRANT ALL PRIVILEGES ON *.* TO `app`@`%`\n',
    { ...want, on: '*', privileges: ['all'] },
    [],
  ],
  'columns of a table': [
    `${usage}GRANT SELECT, UPDATE (\`stock\`, \`price\`) ON \`shop\`.\`goods\` TO \`app\`@\`%\`\n`,
    { ...want, table: 'goods', privileges: ['SELECT', 'update (price, stock)'] },
    [],
  ],
  'no such user': [
    { exitCode: 3, stderr: 'there is no user app@%' },
    want,
    /there is no user app@%/,
  ],
  'an empty answer is not a user without grants': ['', want, /cannot be read/],
})

test('what is missing is given before what is too much is taken', () => {
  const { stdin } = mariadb
    .grants(want)
    .decide(makeOutput('GRANT DROP ON `shop`.* TO `app`@`%`\n'), nothingPending) as Change
  assert.is(
    stdin,
    "GRANT SELECT, INSERT ON `shop`.* TO 'app'@'%';\nREVOKE DROP ON `shop`.* FROM 'app'@'%';\n",
  )
})

test.run()
