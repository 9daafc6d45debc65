import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type SecretsUnchanged,
  secretsUnchanged,
} from '../../../lib/operations/secretsUnchanged.ts'
import { plans, refuses, settles } from '../../support/operations.ts'
import { sandboxOperation } from '../../support/sandbox.ts'

const rotate = 'npx zx playbooks/rotate.ts --env stage --secret database'
const one = (stamps: readonly [string, ...string[]], rotating = false): SecretsUnchanged => ({
  name: 'environment-stage',
  secrets: { 'stage/mariadb-app': { stamps, rotate, rotating } },
})

plans(secretsUnchanged, {
  'the first deploy is believed': [
    'none\n',
    one(['a1']),
    ['stage/mariadb-app: absent -> the value of the store'],
  ],
  'the same value': ['stage/mariadb-app a1\n', one(['a1']), []],
  'one that was added since': [
    'stage/mariadb-app a1\n',
    {
      name: 'environment-stage',
      secrets: { ...one(['a1']).secrets, 'stage/redis': { stamps: ['b1'], rotate } },
    },
    ['stage/redis: absent -> the value of the store'],
  ],
  'a value that was changed in the store only is refused, and the command is named': [
    'stage/mariadb-app a1\n',
    one(['a2']),
    new RegExp(
      'stage/mariadb-app was changed in the store only.*' +
        String.raw`npx zx playbooks/rotate\.ts --env stage --secret database`,
    ),
  ],
  'the one before is known while a rotation is under way': [
    'stage/mariadb-app a1\n',
    one(['a2', 'a1']),
    ['stage/mariadb-app: the previous value -> the value of the store'],
  ],
  'what is being rotated may have been anything': [
    'stage/mariadb-app a0\n',
    one(['a2', 'a1'], true),
    ['stage/mariadb-app: the previous value -> the value of the store'],
  ],
  'a failed probe is not "none"': [{ exitCode: 1 }, one(['a1']), /the probe failed/],
})

settles(
  'stamps of a first deploy',
  folder => sandboxOperation(secretsUnchanged(one(['a1'])), folder),
  {
    after: folder =>
      assert.is(
        readFileSync(join(folder, 'var/lib/brd/kept/environment-stage'), 'utf8'),
        'stage/mariadb-app a1\n',
      ),
  },
)

const known = (folder: string): void => {
  mkdirSync(join(folder, 'var/lib/brd/kept'), { recursive: true })
  writeFileSync(join(folder, 'var/lib/brd/kept/environment-stage'), 'stage/mariadb-app a1\n')
}
refuses(
  'another value',
  folder => sandboxOperation(secretsUnchanged(one(['a2'])), folder),
  /changed in the store only/,
  { before: known },
)

test.run()
