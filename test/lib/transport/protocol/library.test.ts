import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { takeLease } from '../../../../lib/transport/protocol/lease.ts'
import { LIBRARY } from '../../../../lib/transport/protocol/library.ts'
import { renderBootScript } from '../../../../lib/transport/root-shell.ts'
import { findPath, findShell, SHELLS } from '../../../support/shells.ts'
import { withZombie } from '../../../support/zombie.ts'

const test = suite('library')

test('no function of ours shadows a command that a fragment may call', () => {
  const text = [renderBootScript(), LIBRARY, takeLease('/run/x', 'me').text].join('\n')
  const functions = [...text.matchAll(/(?:^|[;{]\s*)(\w+)\(\) \{/gm)].map(
    ([, name]) => name as string,
  )
  assert.ok(functions.length > 12)
  for (const name of functions) assert.match(name, /^_/)
})

test('the boot line passes any login shell unread', () => {
  assert.not.match(renderBootScript(), /['\\\n]/)
})

for (const name of SHELLS) {
  const env = { PATH: findPath(name) }
  const run = (script: string) =>
    spawnSync(findShell(name), ['-c', script], { encoding: 'utf8', env }).stdout

  test(`${name}: a process that has ended, for which its parent has not asked, does not live`, () =>
    withZombie(pid => {
      const ask = (...pids: number[]) =>
        run(`${LIBRARY}\n_any ${pids.join(' ')} && echo lives || echo dead`)
      assert.is(ask(pid), 'dead\n')
      assert.is(ask(pid, process.pid), 'lives\n')
      assert.is(ask(4_194_300), 'dead\n')
    }))

  test(`${name}: what cannot be noted does not run, and the former note stays`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-note-'))
    try {
      // No file may grow here; to empty one is still possible.
      const full = `ulimit -f 0; trap '' XFSZ`
      const op = `_op 1.c0 60 ': >$d/ran; cat $d/now'`
      const begin = `d=${folder}; echo begin >$d/now\n${LIBRARY}`
      assert.is(run(`${begin}\n(${full}; ${op}); echo $?; cat $d/now`), '73\nbegin\n')
      assert.equal(readdirSync(folder), ['now'])
      assert.match(run(`${begin}\n(${op}); _note idle; cat $d/now`), /^1\.c0 60 \d+\nidle\n/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test(`${name}: the folder of a shell that has ended goes, that of a living one stays`, () =>
    withZombie(pid => {
      const memory = mkdtempSync(join(tmpdir(), 'brd-boot-'))
      try {
        for (const one of [pid, process.pid]) mkdirSync(join(memory, `brd.${one}.x`))
        run(`${renderBootScript(env.PATH, [memory, memory])} </dev/null`)
        assert.equal(readdirSync(memory), [`brd.${process.pid}.x`])
      } finally {
        rmSync(memory, { recursive: true })
      }
    }))
}

test.run()
