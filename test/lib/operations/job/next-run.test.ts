import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { nameNextRun } from '../../../../lib/operations/job/next-run.ts'
import { type JobState, printState, readState } from '../../../../lib/operations/job/state.ts'
import { describeInputs } from '../../../../lib/operations/job/unit.ts'
import type { TransientJob } from '../../../../lib/operations/job/wanted.ts'
import { sh } from '../../../../lib/sh.ts'
import { findShell, SHELLS } from '../../../support/shells.ts'

const of = { inputs: 'abc', began: '2026-11-28T01:00:00Z' }
const next = { rerun: 'the run after that of 2026-11-28T01:00:00Z' }
const rows: Record<string, [JobState, object]> = {
  'the first one': [{ is: 'absent' }, {}],
  'the first one, which runs': [{ is: 'running', ...of, rerun: null }, {}],
  'a later one, which runs': [{ is: 'running', ...of, rerun: 'Monday' }, { rerun: 'Monday' }],
  'after one that succeeded': [{ is: 'done', ...of, ended: '2026-11-28T01:20:00Z' }, next],
  'after one that failed': [{ is: 'failed', ...of, why: 'failed: exit 3', said: '' }, next],
  'after one that a reboot ended': [{ is: 'rebooted', ...of }, next],
}
for (const [title, [now, expected]] of Object.entries(rows))
  test(`a request is for ${title}`, () => assert.equal(nameNextRun(now), expected))

/** Reads the state of a job whose unit runs on a host of its own. */
const readRunning = (shell: (typeof SHELLS)[number], want: TransientJob) => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-next-run-'))
  try {
    mkdirSync(join(folder, 'var/lib/brd/transient'), { recursive: true })
    mkdirSync(join(folder, 'run/systemd/system'), { recursive: true })
    const systemctl = join(folder, 'systemctl')
    writeFileSync(
      systemctl,
      `#!/bin/sh\nprintf '%s\\n' 'Description=${describeInputs(want)}' ActiveState=active\n`,
    )
    chmodSync(systemctl, 0o755)
    writeFileSync(
      join(folder, 'var/lib/brd/transient/night'),
      `inputs=abc\nboot=b1\ninvocation=1\nbegan=${of.began}\n`,
    )
    const text = printState('night')
      .text.replaceAll('/var/lib/brd', `${folder}/var/lib/brd`)
      .replaceAll('/run/systemd', `${folder}/run/systemd`)
    const { status, stdout, stderr } = spawnSync(findShell(shell), ['-c', text], {
      env: { PATH: `${folder}:${process.env['PATH']}` },
    })
    return readState({ exitCode: status ?? 1, stdout, stderr: String(stderr) })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

for (const shell of SHELLS)
  test(`what runs says what it was asked for by: ${shell}`, () => {
    const want: TransientJob = { name: 'night', run: sh`echo work` }
    const read = (rerun?: string) => {
      const now = readRunning(shell, rerun === undefined ? want : { ...want, rerun })
      return 'is' in now && now.is === 'running' ? [now.rerun, now.began] : now
    }
    assert.equal(read(), [null, of.began])
    for (const text of [next.rerun, 'this, for that, inputs of his'])
      assert.equal(read(text), [text, of.began])
  })

test.run()
