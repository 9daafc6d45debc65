import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Redactor } from '../../../lib/secrets/redactor.ts'

const hide = (...values: readonly string[]): Redactor => {
  const redactor = new Redactor()
  for (const [i, value] of values.entries()) redactor.hide(value, `(s${i})`)
  return redactor
}
const value = "pass/word+1 'ä'=x"
const bytes = (text: string): Buffer => Buffer.from(text)

/** how a program may show the value -> what it prints */
const shown: Record<string, string> = {
  'as it is': value,
  'in base64': bytes(value).toString('base64'),
  'in base64, with its line feed': bytes(`${value}\n`).toString('base64'),
  'in base64 behind one letter': bytes(`a${value}`).toString('base64'),
  'in base64 behind a user, as for HTTP': bytes(`user:${value}`).toString('base64'),
  'in base64 between others': bytes(`ab:${value}:cd`).toString('base64'),
  'in base64 of URLs': bytes(`x${value}??`).toString('base64url'),
  'in hexadecimal': bytes(value).toString('hex'),
  'in hexadecimal, large': bytes(value).toString('hex').toUpperCase(),
  'in a URL': `https://u:${encodeURIComponent(value)}@x.example`,
  'in a form': new URLSearchParams({ p: value }).toString(),
  'in JSON': JSON.stringify({ a: value }),
  'in JSON in JSON': JSON.stringify(JSON.stringify({ a: value })),
  'quoted for a shell': `'${value.replaceAll("'", "'\\''")}'`,
}
/** Four letters of the value and what they are in each encoding must not be left. */
const left = (text: string): boolean =>
  [
    'pass',
    'word',
    bytes('pass').toString('hex'),
    ...[0, 1, 2].map(i =>
      bytes('x'.repeat(i) + 'pass/word')
        .toString('base64')
        .slice(i + 1, 9),
    ),
  ].some(part => text.toLowerCase().includes(part.toLowerCase()))

for (const [how, text] of Object.entries(shown))
  test(`taken out ${how}`, () => {
    const clean = hide(value).redact(`before ${text} after`)
    assert.match(clean, /\(s0\)/)
    assert.not.ok(left(clean), clean)
    assert.ok(clean.startsWith('before ') && clean.endsWith(' after'))
  })

const odd = `p/a&s<s>w"o'r$d%é\\1`
/** how another language writes it -> what a program prints */
const written: Record<string, string> = {
  'in JSON by Go, as Docker prints it': JSON.stringify(odd).replace(
    /[<>&]/g,
    c => `\\u00${c.charCodeAt(0).toString(16)}`,
  ),
  'in JSON by Python': JSON.stringify(odd).replace('é', '\\u00e9'),
  'in JSON by PHP': JSON.stringify(odd).replace('é', '\\u00e9').replaceAll('/', '\\/'),
  'in HTML': `p/a&amp;s&lt;s&gt;w&quot;o&#39;r$d%é\\1`,
  'in HTML by Go': `p/a&amp;s&lt;s&gt;w&#34;o&#39;r$d%é\\1`,
  'in XML': `p/a&amp;s&lt;s&gt;w"o'r$d%é\\1`,
  'in double quotes of a shell': `"p/a&s<s>w\\"o'r\\$d%é\\\\1"`,
  'in single quotes of SQL': `'p/a&s<s>w"o''r$d%é\\1'`,
  'in a string of MariaDB': `'p/a&s<s>w\\"o\\'r$d%é\\\\1'`,
  'in a compose file': odd.replace('$', '$$$$'),
  'in an INI file': odd.replace('%', '%%'),
  'in Latin-1': Buffer.from(odd, 'latin1').toString(),
  'read as Latin-1': Buffer.from(odd).toString('latin1'),
  'with its accents apart': odd.normalize('NFD'),
  'in octal numbers': odd.replace('é', '\\303\\251'),
}
for (const [how, text] of Object.entries(written))
  test(`taken out ${how}`, () => {
    const clean = hide(odd).redact(`before ${text} after`)
    assert.match(clean, /^before ["']?\(s0\)["']? after$/)
  })
test('a value with blanks around it is taken out without them too', () => {
  const clean = hide('hunter2\n', ' \n').redact('password: hunter2, aHVudGVyMg==, \n')
  assert.is(clean, 'password: (s0), (s0)==, \n')
})

const key = [
  '-----BEGIN PRIVATE KEY-----',
  createHash('sha512').update('a').digest('base64').slice(0, 64),
  createHash('sha512').update('b').digest('base64').slice(0, 64),
  '-----END PRIVATE KEY-----',
].join('\n')

test('a value of several lines: each line, wherever it is, but for the heads of keys', () => {
  const { redact } = hide(key)
  const [head = '', first = '', second = ''] = key.split('\n')
  assert.is(redact(`| ${second}\r\n| ${first}`), '| (s0)\r\n| (s0)')
  assert.is(redact(head), head)
  assert.is(redact(key), '(s0)')
})

test('a long value in base64 that a program breaks into lines', () => {
  const text = bytes(key).toString('base64')
  for (const width of [64, 76]) {
    const lines = text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []
    const clean = hide(key).redact(lines.join('\n'))
    assert.not.match(clean, /[A-Za-z0-9+/]{17}/, clean)
  }
})

test('the longest of several that begin alike, and nothing of a short one', () => {
  assert.is(hide('hunter22', 'hunter22-more').redact('hunter22-more hunter22'), '(s1) (s0)')
  assert.is(hide('abc', '').redact('abc'), 'abc')
})

test('a value is nowhere in the text afterwards, whatever surrounds it', () =>
  fc.assert(
    fc.property(
      fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('utf8' as const, 'base64' as const, 'hex' as const, 'base64url' as const),
      (secret, before, after, encoding) => {
        const form = (text: string) => bytes(text).toString(encoding)
        const text = encoding === 'utf8' ? `${before} ${secret} ${after}` : form(secret)
        const clean = hide(secret).redact(text)
        assert.ok(
          form(secret).length < 6 || !clean.includes(form(secret)) || '(s0)'.includes(secret),
        )
      },
    ),
  ))

test('texts without a secret stay as they are', () =>
  fc.assert(
    fc.property(fc.string(), text => assert.is(hide('zzzzzzzzzzzzzzzzz').redact(text), text)),
  ))

test.run()
