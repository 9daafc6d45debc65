import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change, Operation } from '../../../../lib/operation.ts'
import type { Path } from '../../../../lib/operations/file/entry.ts'
import { file } from '../../../../lib/operations/file.ts'
import { json } from '../../../../lib/operations/json.ts'
import { line } from '../../../../lib/operations/line.ts'
import { sh } from '../../../../lib/sh.ts'
import { requirePrograms } from '../../../../scripts/test/skip.ts'
import { refuses, settles } from '../../../support/operations.ts'

/** An operation whose payload a lost link cuts short. */
const cutShort = (op: Operation): Operation => ({
  ...op,
  decide: (out, context) => {
    const plan = op.decide(out, context) as Change | null
    return plan?.stdin === undefined
      ? plan
      : { ...plan, stdin: Buffer.from(String(plan.stdin)).subarray(0, -1) }
  },
})
const f = (folder: string) => `${folder}/f` as Path
const old = {
  before: (folder: string) => writeFileSync(f(folder), '{"a": 1}\n'),
  after: (folder: string) => assert.is(readFileSync(f(folder), 'utf8'), '{"a": 1}\n'),
}
refuses(
  'content that is one byte short',
  folder => cutShort(file({ path: f(folder), content: 'new\n' })),
  /the content did not arrive whole; the file is as it was/,
  old,
)
refuses(
  'an edit whose text is one byte short',
  folder => cutShort(json({ path: f(folder), values: { a: 22 } })),
  /the content did not arrive whole; the file is as it was/,
  old,
)
refuses(
  'what its check forbids; the check reads the new version, with its rights, beside the old',
  folder =>
    file({
      path: f(folder),
      content: 'new\n',
      mode: '640',
      validate: path => sh`cat ${path} >&2; stat -c %a ${path} >&2; false`,
    }),
  /new\\n640\\nthe new content was refused by its check/,
  old,
)

/** Reads or writes an extended attribute; an access list is one. */
const attribute = (path: string, name: string, hex?: string): string => {
  requirePrograms('python3')
  const program =
    'import os, sys; p, n, v = sys.argv[1:]\n' +
    'os.setxattr(p, n, bytes.fromhex(v)) if v else print(os.getxattr(p, n).hex())'
  return execFileSync('python3', ['-c', program, path, name, hex ?? ''], {
    encoding: 'utf8',
  }).trim()
}
/** user::rw-, user:65533:r--, group::r--, mask::r--, other::--- */
const LIST =
  '02000000' +
  '01000600ffffffff' +
  '02000400fdff0000' +
  '04000400ffffffff' +
  '10000400ffffffff' +
  '20000000ffffffff'

for (const [title, make] of Object.entries<(folder: Path) => Operation>({
  'a new content': folder => file({ path: f(folder), content: 'new\n', mode: '640' }),
  'a new line': folder => line({ path: f(folder), line: 'new' }),
}))
  settles(`the access list and the attributes of a file stay with ${title}`, make, {
    // The tools of busybox know neither.
    tools: { cp: 'exec /bin/cp "$@"', ls: 'exec /bin/ls "$@"' },
    before: folder => {
      writeFileSync(f(folder), 'old\n')
      chmodSync(f(folder), 0o640)
      attribute(f(folder), 'system.posix_acl_access', LIST)
      attribute(f(folder), 'user.origin', '6162')
    },
    after: folder => {
      assert.is(attribute(f(folder), 'system.posix_acl_access'), LIST)
      assert.is(attribute(f(folder), 'user.origin'), '6162')
    },
  })

test.run()
