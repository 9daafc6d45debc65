import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DiskSteps, finishWriting, writeAll } from '../../../lib/disk/write-all.ts'
import { complaints } from '../inventory/sample.ts'

const test = suite<{ folder: string }>('writeAll')
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'brd-all-'))
  mkdirSync(join(context.folder, 'in'))
  for (const [name, text] of Object.entries(old)) writeFileSync(join(context.folder, name), text)
})
test.after.each(({ folder }) => rmSync(folder, { recursive: true }))

const old = { a: 'old a', 'in/b': 'old b', 'in/gone': 'old gone' }
const fresh = { a: 'new a', 'in/b': 'new b', 'in/made': 'new made' }
const changes = (folder: string) => [
  { path: join(folder, 'a'), content: 'new a', mode: 0o644 },
  { path: join(folder, 'in/b'), content: 'new b', mode: 0o644 },
  { path: join(folder, 'in/gone'), content: null, mode: 0o644 },
  { path: join(folder, 'in/made'), content: 'new made', mode: 0o600 },
]
const journal = (folder: string) => join(folder, 'journal')

/** All files below the folder. */
const read = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap(entry => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? [[path.slice(folder.length + 1), readFileSync(path, 'utf8')]] : []
    }),
  )

/** A disk that fails before its step of that number; a process that died makes none after it. */
const failAt = (step: number, isDead: boolean): { disk: DiskSteps; steps: () => number } => {
  let count = 0
  const counted =
    <A extends unknown[]>(work: (...given: A) => Promise<unknown>) =>
    async (...given: A): Promise<void> => {
      count++
      if (isDead ? count > step : count === step + 1) throw new Error('the disk fails')
      await work(...given)
    }
  return {
    disk: {
      write: counted((path: string, content: string) => writeFile(path, content)),
      rename: counted(rename),
      remove: counted((path: string) => rm(path, { force: true })),
    },
    steps: () => count,
  }
}

test('all files are written, removed and made; nothing else is left', async ({ folder }) => {
  await writeAll(journal(folder), changes(folder))
  assert.equal(read(folder), fresh)
})

for (const isDead of [true, false])
  test(`${isDead ? 'a crash' : 'a failure'} at any step leaves all or nothing`, async ({
    folder,
  }) => {
    const ends: string[] = []
    for (let step = 0; step < 30; step++) {
      for (const name of Object.keys(read(folder))) rmSync(join(folder, name))
      for (const [name, text] of Object.entries(old)) writeFileSync(join(folder, name), text)
      const { disk, steps } = failAt(step, isDead)
      const error = await writeAll(journal(folder), changes(folder), disk).catch(it => it)
      await finishWriting(journal(folder))
      const { a } = read(folder)
      ends.push(String(a))
      const want = a === 'new a' ? fresh : old
      const left = Object.entries(read(folder)).filter(([name]) => !/\.new$/.test(name))
      assert.equal(Object.fromEntries(left), want, `after step ${step}`)
      await writeAll(journal(folder), changes(folder))
      assert.equal(read(folder), fresh, `again after step ${step}`)
      if (error === undefined) {
        assert.is(steps(), step)
        break
      }
    }
    assert.equal(
      [ends.includes('old a'), ends.at(-2)],
      [true, 'new a'],
      'it was broken off on both sides of the journal',
    )
  })

test('a journal that is in place when its writing fails does not put only some in place', async ({
  folder,
}) => {
  const error = await writeAll(journal(folder), changes(folder), {
    write: async (path, content) => {
      await writeFile(path, content)
      if (path === journal(folder)) throw new Error('the folder cannot be synced')
    },
    rename,
    remove: path => rm(path, { force: true }),
  }).catch(it => it)
  assert.match(String(error), 'cannot be synced')
  await finishWriting(journal(folder))
  assert.equal(read(folder), old)
})

test('a broken journal is not followed', async ({ folder }) => {
  writeFileSync(journal(folder), '[{"path":"a"}]')
  assert.equal(await complaints(() => finishWriting(journal(folder))), [
    `${journal(folder)}: is not a journal of files that are being written`,
  ])
  assert.is(read(folder)['a'], 'old a')
})

test.run()
