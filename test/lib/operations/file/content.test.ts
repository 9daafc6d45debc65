import { readFileSync, statSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Path } from '../../../../lib/operations/file/entry.ts'
import { file } from '../../../../lib/operations/file.ts'
import { settles } from '../../../support/operations.ts'

const makeLarge = (folder: string) =>
  file({ path: `${folder}/f` as Path, content: Buffer.alloc(4 * 1024 * 1024, 'x') })
const arrives = (folder: string) => assert.is(statSync(`${folder}/f`).size, 4 * 1024 * 1024)

settles('a large file, hashed by openssl in each probe that finds it', makeLarge, {
  tools: {
    openssl: 'echo "$*" >>$FOLDER.tools/calls; h=$(sha256sum) && echo "${h%% *} *stdin"',
  },
  after: folder => {
    arrives(folder)
    assert.is(readFileSync(`${folder}.tools/calls`, 'utf8'), 'dgst -sha256 -r\n'.repeat(2))
  },
})

settles('a large file where openssl does not work', makeLarge, {
  tools: { openssl: 'echo "a word of its own"; exit 1' },
  after: arrives,
})

settles('a large file with the openssl of this machine', makeLarge, { after: arrives })

test.run()
