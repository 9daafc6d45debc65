import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { readTextFile } from '../../../lib/errors/read-text.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-text-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const refusal = (path: string): string => {
  try {
    readTextFile(path, { place: 'FILE' })
    return 'read'
  } catch (error) {
    assert.instance(error, InputError)
    return (error as Error).message
  }
}

const refused: Record<string, [path: string, says: RegExp]> = {
  'a file that is not there': [join(folder, 'none'), /^FILE: there is no such file$/],
  'a path through a file': [join(write('file', 'x'), 'x'), /^FILE: there is no such file$/],
  'no path at all': ['', /^FILE: there is no such file$/],
  'a folder': [folder, /^FILE: is a folder, not a file$/],
  'a file without an end': ['/dev/zero', /^FILE: has more than 64 MiB$/],
  'another encoding, by its line': [
    write('latin1', Buffer.from('a: 1\nb: caf\xe9\nc: 3\n', 'latin1')),
    /^FILE:2: is not UTF-8\n {2}Save the file as UTF-8/,
  ],
  'UTF-16, as editors on Windows write it': [
    write('utf16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a: 1', 'utf16le')])),
    /^FILE: is UTF-16\n {2}Save it as UTF-8\.$/,
  ],
  'what is no text': [write('binary', 'a\nb\0c'), /^FILE:2: has a zero byte: it is not a text$/],
}
for (const [name, [path, says]] of Object.entries(refused))
  test(`refuses ${name}`, () => assert.match(refusal(path), says))

test('a byte order mark is no part of the text, and what is long is read whole', () => {
  assert.is(readTextFile(write('mark', '\ufeffa: 1\n')), 'a: 1\n')
  const long = `${'é'.repeat(1_500_000)}\n`
  assert.is(readTextFile(write('long', long)), long)
})

test.run()
