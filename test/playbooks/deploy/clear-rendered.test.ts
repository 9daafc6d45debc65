import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { clearRendered } from '../../../playbooks/deploy/clear-rendered.ts'

const base = mkdtempSync(join(tmpdir(), 'brdtest-rendered-'))
test.after(() => rmSync(base, { recursive: true }))

const make = (name: string, files: readonly string[]): string => {
  const folder = join(base, name)
  mkdirSync(join(folder, 'configs'), { recursive: true })
  for (const file of files) writeFileSync(join(folder, file), '')
  return folder
}

test('what an earlier rendering left is removed', async () => {
  const folder = make('stage', ['stage.yml', 'stage-data.yml', 'configs/nginx', 'dashboard.json'])
  await clearRendered(folder)
  assert.not.ok(existsSync(folder))
  await clearRendered(folder)
})

const others: Record<string, readonly string[]> = {
  'with a file beside a rendering': ['stage.yml', 'dashboard.json', 'notes.txt'],
  'of compose files': ['compose.yml', 'configs/nginx'],
}
for (const [title, files] of Object.entries(others))
  test(`a folder of somebody else's stays: ${title}`, async () => {
    const folder = make(title, files)
    const message = await clearRendered(folder).then(
      () => 'removed',
      error => error.message,
    )
    assert.match(message, /: holds \S+, which is not of a rendering: nothing is removed\n {2}Name/)
    for (const file of files) assert.ok(existsSync(join(folder, file)), file)
  })

test.run()
