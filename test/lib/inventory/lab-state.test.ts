import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readLabState, requireLab } from '../../../lib/inventory/lab-state.ts'

let home: string
test.before.each(async () => {
  home = await mkdtemp(join(tmpdir(), 'lab-state-'))
  process.env['BRD_LAB_HOME'] = home
})
test.after.each(() => rm(home, { recursive: true }))

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'not refused',
    error => error.message,
  )

test('a lab that is down is null, and an error that says what to type', async () => {
  assert.is(await readLabState(), null)
  assert.is(await refusal(requireLab()), 'the lab is not up: npx zx scripts/lab.ts up')
})

test("another version's file is refused with the way out, not half read", async () => {
  await writeFile(join(home, 'lab.json'), '{"hosts": {}}')
  assert.match(
    await refusal(readLabState()),
    /lab\.json: was written by another version, or is damaged\n[\s\S]*\n {2}npx zx \S+lab\.ts up$/,
  )
})

test('a file that cannot be read is no lab that is down', async () => {
  await mkdir(join(home, 'lab.json'))
  assert.match(await refusal(readLabState()), /lab\.json: is a folder, not a file/)
  await rm(join(home, 'lab.json'), { recursive: true })
  await symlink('lab.json', join(home, 'lab.json'))
  assert.match(await refusal(requireLab()), /lab\.json: cannot be read \(ELOOP\)/)
  process.env['BRD_LAB_HOME'] = join(home, 'file')
  await writeFile(join(home, 'file'), '')
  assert.match(await refusal(requireLab()), /lab\.json: cannot be read \(ENOTDIR\)/)
})

test('a file that is no JSON is damaged', async () => {
  await writeFile(join(home, 'lab.json'), '{"hosts": ')
  assert.match(
    await refusal(readLabState()),
    /lab\.json: was written by another version, or is damaged/,
  )
})

test.run()
