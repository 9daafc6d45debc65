import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import type { Operation } from '../../../lib/operation.ts'
import { archive } from '../../../lib/operations/archive.ts'
import { block } from '../../../lib/operations/block.ts'
import { download } from '../../../lib/operations/download.ts'
import { sha256 } from '../../../lib/operations/file/content.ts'
import type { Path } from '../../../lib/operations/file/entry.ts'
import { file } from '../../../lib/operations/file.ts'
import { ini } from '../../../lib/operations/ini.ts'
import { json } from '../../../lib/operations/json.ts'
import { line } from '../../../lib/operations/line.ts'
import { replace } from '../../../lib/operations/replace.ts'
import { tree } from '../../../lib/operations/tree.ts'
import { yaml } from '../../../lib/operations/yaml.ts'
import { skip } from '../../../scripts/test/skip.ts'
import { openShell, SHELLS } from '../../support/shells.ts'
import { takeSnapshot } from '../../support/snapshot.ts'

/** Bytes of the disk, of the file that is on it, and of what is to be written. */
const [DISK, OLD] = [512 * 1024, 64 * 1024]
const content = Buffer.alloc(256 * 1024, 'new content\n')

const scratch = mkdtempSync(join(tmpdir(), 'brd-full-'))
mkdirSync(join(scratch, 'source'))
for (const name of ['big', 'small'])
  writeFileSync(join(scratch, 'source', name), name === 'big' ? content : 'new\n')
execFileSync('tar', ['-c', '-z', '-f', join(scratch, 'a.tgz'), '-C', scratch, 'source'])
const url = (name: string) => pathToFileURL(join(scratch, name))
const server = createServer((_, res) => res.end(content))
let address: `http://${string}` = 'http://127.0.0.1'
test.before(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/f`
})
test.after(() => {
  server.closeAllConnections()
  server.close()
  rmSync(scratch, { recursive: true, force: true })
})

/** What is written to a file `f`, or into a folder `d`, that are there. */
const writes: Readonly<Record<string, (top: string) => Operation>> = {
  file: top => file({ path: `${top}/f` as Path, content }),
  download: top => download({ path: `${top}/f` as Path, url: address, sha256: sha256(content) }),
  line: top => line({ path: `${top}/f` as Path, line: 'new' }),
  block: top => block({ path: `${top}/f` as Path, name: 'new', content: 'new' }),
  ini: top => ini({ path: `${top}/f` as Path, key: 'k', value: 'new' }),
  json: top => json({ path: `${top}/f` as Path, values: { k: 'new' } }),
  yaml: top => yaml({ path: `${top}/f` as Path, values: { k: 'new' } }),
  replace: top => replace({ path: `${top}/f` as Path, pattern: /old/g, with: 'new' }),
  tree: top => tree({ path: `${top}/d` as Path, source: url('source/') }),
  archive: top => archive({ path: `${top}/d` as Path, source: url('a.tgz') }),
}
const edits = ['line', 'block', 'ini', 'json', 'yaml', 'replace']

/** A small disk with a file and a folder on it; what fills it, but for half of what is needed. */
const disk = (top: string, needed: number): (() => void) => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', top], { stdio: 'pipe' })
  } catch (error) {
    return skip(
      `nothing can be mounted here: ${error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : error}`,
    )
  }
  writeFileSync(`${top}/f`, `{"a": "${'old '.repeat(OLD / 4)}"}\n`, { mode: 0o640 })
  mkdirSync(`${top}/d`)
  writeFileSync(`${top}/d/small`, 'old\n', { mode: 0o640 })
  const { bavail, bsize } = statfsSync(top)
  writeFileSync(`${top}/filler`, Buffer.alloc(bavail * bsize - needed / 2))
  return () => rmSync(`${top}/filler`)
}

for (const name of SHELLS)
  for (const [kind, make] of Object.entries(writes))
    test(`${kind} on a full disk in ${name}: nothing changes, the next run succeeds`, async () => {
      const top = mkdtempSync(join(tmpdir(), 'brd-full-'))
      const free = disk(top, edits.includes(kind) ? OLD : content.length)
      const { shell } = openShell(name)
      const run = () => converge([make(top)], { host: 'here', shell: async () => shell })
      try {
        const before = takeSnapshot(top, false)
        const first = await run()
        assert.is(first.result, 'failed')
        assert.match(
          `${first.error?.stderr}`,
          new RegExp(
            'No space left on device|write error|Failure writing output|' +
              'could not be unpacked|short write',
          ),
        )
        assert.equal(takeSnapshot(top, false), before)
        free()
        assert.equal(
          (await run()).outcomes.map(({ is }) => is),
          ['changed'],
        )
        assert.equal(
          (await run()).outcomes.map(({ is }) => is),
          ['ok'],
        )
      } finally {
        await shell.end()
        execFileSync('umount', [top])
        rmSync(top, { recursive: true })
      }
    })

test.run()
