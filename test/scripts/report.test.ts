import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { makeHostNames, tellStory } from '../support/fake-run.ts'
import { root, zxArguments } from '../support/run-playbook.ts'

const report = (
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise(resolve =>
    execFile(
      process.execPath,
      [...zxArguments('scripts/report.ts'), ...args],
      { cwd: root },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  )

test('the page of a killed run is made from its events', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-report-'))
  try {
    const events = [...tellStory({ hosts: makeHostNames(4), check: false })]
      .slice(0, 60)
      .map(([, event], at) => JSON.stringify({ ...event, at }))
    writeFileSync(join(folder, 'events.jsonl'), `${events.join('\n')}\n{"type":"op-se`)
    const path = join(folder, 'report.html')
    assert.equal(await report(folder), { code: 0, stdout: `${path}\n`, stderr: '' })
    assert.match(
      readFileSync(path, 'utf8'),
      /<h1>bootstrap-infra-stage <span class="verdict bad">killed/,
    )
    assert.is(statSync(path).mode & 0o777, 0o600)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

for (const line of [
  '{"type":"of-another-version","at":1}',
  '{"type":"run-started","at":1}',
  '{"type":"host-listed","at":1,"host":"a","play":3}',
])
  test(`what is no event of this version is named with its line: ${line}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'brdtest-report-'))
    try {
      writeFileSync(join(folder, 'events.jsonl'), `{"type":"note","text":"x","at":0}\n${line}\n`)
      const { code, stderr } = await report(folder)
      assert.is(code, 1)
      assert.match(
        stderr,
        /events\.jsonl:2: is not an event of a run\n +Render it with the version/,
      )
      assert.not.match(stderr, /\n +at /)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

test('what is no record is named with the way out', async () => {
  const { code, stderr } = await report('/nowhere')
  assert.is(code, 1)
  assert.match(stderr, /^\/nowhere\/events\.jsonl: cannot be read\n +give the folder of a record/)
  assert.match((await report('--hlep')).stderr, /^--hlep: unknown flag/)
})

test.run()
