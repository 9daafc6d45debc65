import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirePrograms } from '../../../scripts/test/skip.ts'
import { runPlaybook, zxArguments } from '../../support/run-playbook.ts'
import { openTerminal } from '../../support/terminal.ts'

test('a terminal shows that a script loads, until its first output', async () => {
  requirePrograms('tmux')
  const terminal = await openTerminal(80)
  try {
    const words = zxArguments('test/fixtures/playbooks/steps.ts').map(word => `'${word}'`)
    terminal.type(`node ${words.join(' ')} --help; echo ov''er`)
    await terminal.shows(/^over$/m, 60)
    assert.match(terminal.bytes(), /loading steps\.ts \S+\r\x1b\[K/)
    assert.not.match(terminal.screen(), /loading/)
    assert.match(terminal.screen(), /--list-tasks/)
  } finally {
    terminal.close()
  }
})

test('nothing of it is in a pipe', async () => {
  const { stdout, stderr } = await runPlaybook('steps', ['--help'])
  assert.not.match(stdout + stderr, /loading/)
})

test.run()
