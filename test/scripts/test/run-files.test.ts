import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runFiles } from '../../../scripts/test/run-files.ts'
import type { Need, TestTask } from '../../../scripts/test/schedule.ts'
import { waitUntil } from '../../support/run-playbook.ts'

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
test.after(() => rmSync(folder, { recursive: true }))

/** A test file that writes a file when it begins, and ends when it finds another one. */
const task = (
  name: string,
  needs: Need = 'nothing',
  { hosts = [], clusters = [] }: Partial<TestTask> = {},
): TestTask => {
  const [file, here, go] = [name, `${name}.here`, `${name}.go`].map(of => join(folder, of)) as [
    string,
    string,
    string,
  ]
  writeFileSync(
    `${file}.test.ts`,
    `import { existsSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
test('a', async () => {
  writeFileSync(${JSON.stringify(here)}, '')
  while (!existsSync(${JSON.stringify(go)})) await new Promise(resolve => setTimeout(resolve, 20))
})
test.run()`,
  )
  return { file: `${file}.test.ts`, needs, hosts, clusters }
}
const here = (name: string): boolean => existsSync(join(folder, `${name}.here`))
const begun = (name: string) => waitUntil(`${name} is begun`, () => here(name))
const end = (name: string): void => writeFileSync(join(folder, `${name}.go`), '')
/** A promise and what resolves it. */
const later = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}
const stopped = new AbortController().signal
const names = (results: readonly { readonly file: string }[]): string[] =>
  results.map(({ file }) => file.slice(folder.length + 1, -'.test.ts'.length))

test('so many at a time, and what comes later is begun when it may', async () => {
  let [atOnce, hosts] = [1, false]
  const [more, up] = [later(), later()]
  const said: string[] = []
  const running = runFiles(
    [task('later', 'hosts'), task('first'), task('second')],
    {
      atOnce: () => atOnce,
      ready: ({ needs }) => needs === 'nothing' || hosts,
      changes: [more.promise, up.promise],
    },
    stopped,
    text => said.push(text),
  )
  await begun('first')
  assert.equal([here('later'), here('second')], [false, false])
  atOnce = 2
  more.resolve()
  await begun('second')
  hosts = true
  up.resolve()
  end('second')
  await begun('later')
  end('later')
  end('first')
  assert.equal(names(await running).sort(), ['first', 'later', 'second'])
  assert.is(said.filter(line => line.startsWith('ok ')).length, 3)
})

test('a file whose need is never met does not run, one that waits for a host does', async () => {
  const up = later()
  let there: boolean | 'never' = false
  const running = runFiles(
    [
      task('one', 'nothing', { hosts: ['a'] }),
      task('other', 'nothing', { hosts: ['a'] }),
      task('lost', 'images'),
    ],
    {
      atOnce: () => 3,
      ready: ({ needs }) => (needs === 'images' ? there : true),
      changes: [up.promise],
    },
    stopped,
    () => {},
  )
  await begun('one')
  assert.not(here('other'))
  there = 'never'
  up.resolve()
  end('one')
  end('other')
  assert.equal(names(await running), ['one', 'other'])
  assert.not(here('lost'))
})

test('the hosts of a raised cluster are kept for the next file that shares it', async () => {
  const [hosts, clusters] = [['new-prod'], ['brd-new-prod']] as const
  let ready = false
  const up = later()
  const running = runFiles(
    [
      task('raises', 'nothing', { hosts, clusters }),
      task('resets', 'nothing', { hosts }),
      task('shares', 'images', { hosts, clusters }),
    ],
    { atOnce: () => 3, ready: ({ needs }) => needs === 'nothing' || ready, changes: [up.promise] },
    stopped,
    () => {},
  )
  await begun('raises')
  end('raises')
  ready = true
  up.resolve()
  await begun('shares')
  assert.not(here('resets'))
  end('shares')
  end('resets')
  assert.equal(names(await running), ['raises', 'shares', 'resets'])
})

test.run()
