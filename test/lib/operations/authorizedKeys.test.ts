import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { authorizedKeys } from '../../../lib/operations/authorizedKeys.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const key = (name: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${name} ${name}@work`
const [a, b] = [key('anna'), key('boris')]
const user = 'anna:x:1001:1001::/home/anna:/bin/bash\n'
const folder = (mode = '700', uid = 1001) => `directory|${mode}|${uid}|1001|anna|anna|60\n`
const file = (lines: string, mode = '600') =>
  `regular file|${mode}|1001|1001|anna|anna|60\n${lines}`
const want = { user: 'anna', keys: [a] }

plans(authorizedKeys, {
  'makes what is absent': [
    `${user}absent\nabsent\n`,
    want,
    [
      `keys: absent -> ${a}`,
      '.ssh owner: absent -> 1001',
      '.ssh mode: absent -> 700',
      '.ssh type: absent -> directory',
      'authorized_keys owner: absent -> 1001',
      'authorized_keys mode: absent -> 600',
      'authorized_keys type: absent -> file',
    ],
  ],
  'leaves what is right, comments apart': [
    `${user}${folder()}${file(`# by hand\n\n${a}\n`)}`,
    want,
    [],
  ],
  'takes away another key': [
    `${user}${folder()}${file(`${a}\n${b}\n`)}`,
    want,
    [`keys: ${a}\n${b} -> ${a}`],
  ],
  'adds to what is there': [
    `${user}${folder()}${file(`${b}\n`)}`,
    { ...want, exact: false },
    [`keys: ${b} -> ${b}\n${a}`],
  ],
  'knows a key by itself, not by its comment': [
    `${user}${folder()}${file(`from="10.0.0.1" ${a} x\n`)}`,
    { ...want, exact: false },
    [],
  ],
  'puts right the rights': [
    `${user}${folder('755', 0)}${file(`${a}\n`, '644')}`,
    want,
    ['.ssh owner: 0 -> 1001', '.ssh mode: 755 -> 700', 'authorized_keys mode: 644 -> 600'],
  ],
  'does not write through a symlink': [
    `${user}symbolic link|777|1001|1001|anna|anna|4\nabsent\n`,
    want,
    /is a symlink: nothing is written through it/,
  ],
  'replaces a symlink in the place of the file': [
    `${user}${folder()}symbolic link|777|1001|1001|anna|anna|4\n`,
    want,
    [`keys:  -> ${a}`, 'authorized_keys mode: 777 -> 600', 'authorized_keys type: symlink -> file'],
  ],
  'a missing user is unknown': [
    { exitCode: 1, stderr: 'no such user: anna' },
    want,
    /no such user: anna/,
  ],
  'an empty answer is unknown': ['', want, /the probe failed/],
})
test('keys travel as stdin', () => {
  const plan = authorizedKeys(want).decide(
    makeOutput(`${user}absent\nabsent\n`),
    nothingPending,
  ) as Change
  assert.is(plan.stdin, `${a}\n`)
})
test('bad keys are errors at once', () => {
  assert.throws(
    () => authorizedKeys({ user: 'anna', keys: ['ssh-rsa nonsense'] }),
    /not a public key/,
  )
  assert.throws(() => authorizedKeys({ user: 'anna', keys: [`${a}\n${b}`] }), /not a public key/)
  assert.throws(() => authorizedKeys({ user: 'anna', keys: [] }), /nobody could log in/)
})

test.run()
