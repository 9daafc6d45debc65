import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requirePrograms } from '../../../scripts/test/skip.ts'
import { startLoopback } from '../../support/loopback.ts'
import { waitUntil } from '../../support/run-playbook.ts'
import { openTerminal } from '../../support/terminal.ts'

test('Ctrl-C in mid-run on a terminal: the undo runs, then comes the recap', async () => {
  requirePrograms('tmux')
  const hosts = await startLoopback(['a', 'b'])
  const { folder, inventory } = hosts
  const read = (name: string): string =>
    existsSync(`${folder}/${name}/log`) ? readFileSync(`${folder}/${name}/log`, 'utf8') : ''
  const it = await openTerminal(100)
  try {
    const work = `while [ ! -e ${folder}/go ]; do sleep 0.1; done`
    it.type(
      `npx zx test/fixtures/playbooks/undoing.ts -i ${inventory} --dir ${folder} ` +
        `--work '${work}'`,
    )
    await waitUntil('the work runs', () => ['a', 'b'].every(name => read(name) !== ''), 60)
    it.press('C-c')
    await it.shows(/SIGINT: each host ends/, 60)
    writeFileSync(`${folder}/go`, '')
    await it.shows(/interrupted undoing: 2 hosts/, 60)
    it.type('echo "ended with $?"')
    await it.shows(/ended with 130/, 60)
    assert.match(it.screen(), /the work: is being undone/)
    for (const name of ['a', 'b'])
      assert.is(read(name), 'begin one\nend one\nbegin back\nend back\nundone\n')
  } finally {
    it.close()
    await hosts.stop()
  }
})

test.run()
