import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret } from '../../lib/secret.ts'
import { join, nameSharedParts, quote, raw, sh, shared } from '../../lib/sh.ts'
import { findShell, SHELLS } from '../support/shells.ts'

const test = suite('sh')

test('plain words stay readable, all others are quoted', () => {
  assert.is(sh`ls ${'/etc/hosts'} ${7}`.text, 'ls /etc/hosts 7')
  assert.is(sh`echo ${"it's"} ${''} ${'a b'}`.text, `echo 'it'\\''s' '' 'a b'`)
  assert.is(sh`apt-get install ${['curl', 'a b']}`.text, `apt-get install curl 'a b'`)
})

test('fragments nest as they are, in order', () => {
  assert.is(sh`${sh`a ${1}`} && ${raw('b | c')}`.text, 'a 1 && b | c')
  assert.is(join([sh`a`, sh`b`]).text, 'a\nb')
})

test('the text is raw but for the two that a template literal needs escaped', () => {
  assert.is(sh`printf '%s\n' "\${HOME}" \`id\``.text, 'printf \'%s\\n\' "${HOME}" `id`')
})

test('a shared fragment is named in what is sent, however deep, and stands in the text', () => {
  const part = shared('sh_part', sh`echo "it's"; exit 3`)
  const whole = sh`( ${join([sh`cd ${'a b'}`, sh`${part}`])} )`
  assert.is(whole.text, `( cd 'a b'\necho "it's"; exit 3 )`)
  const { text, parts } = nameSharedParts(whole)
  assert.is(text, `( cd 'a b'\neval "$_sh_part" )`)
  assert.equal([...parts], [['sh_part', part.text]])
})

test('a word that quotes a shared fragment has all of it', () => {
  const part = shared('sh_quoted', sh`echo hello`)
  const { text, parts } = nameSharedParts(sh`sh -c ${sh`${part}; id`.text}`)
  assert.is(text, `sh -c 'echo hello; id'`)
  assert.equal([...parts], [])
})

test('a fragment without shared parts is sent as it is', () => {
  assert.equal(nameSharedParts(sh`ls ${'a b'}`), { text: `ls 'a b'`, parts: new Map() })
})

test('a name is given to one shared fragment', () => {
  shared('sh_once', sh`a`)
  assert.throws(() => shared('sh_once', sh`b`), /sh_once is the name of another/)
})

test('a NUL byte, a Secret, undefined and an object are refused', () => {
  assert.throws(() => quote('a\0b'), /NUL byte/)
  for (const value of [new Secret('x', 's'), undefined, {}, null])
    assert.throws(() => sh`echo ${value as never}`, /a shell word is/)
})

for (const name of SHELLS)
  test(`${name} reads back every value, whatever it holds`, () => {
    const values = fc
      .sample(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: 'binary' }),
          fc.stringMatching(/^[-'"\\$`!*?~#&|;<>(){}[\] \n\t=%]*$/),
        ),
        { numRuns: 300, seed: 7 },
      )
      .filter(text => !text.includes('\0') && Buffer.from(text).toString() === text)
    const script = values.map(value => sh`printf '%s\0' ${value}`.text).join('\n')
    const { stdout, status } = spawnSync(findShell(name), ['-s'], { input: script })
    assert.equal([status, stdout.toString().split('\0').slice(0, -1)], [0, values])
  })

test.run()
