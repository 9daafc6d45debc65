import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import { sh } from '../../../../lib/sh.ts'
import { takeLease } from '../../../../lib/transport/protocol/lease.ts'
import { LIBRARY } from '../../../../lib/transport/protocol/library.ts'
import { probe } from '../../../../lib/transport/protocol/probe.ts'
import { REQUIRED_TOOLS } from '../../../../lib/transport/protocol/required-tools.ts'
import { killRunning } from '../../../../lib/transport/protocol/script.ts'
import { MissingTools } from '../../../../lib/transport/protocol/unfit-host.ts'
import { PATH, renderBootScript } from '../../../../lib/transport/root-shell.ts'
import { openShell, selectShells } from '../../../support/shells.ts'
import { fileExists, listOutcomes } from '../../../support/with-engine.ts'

/** A folder with these programs of this machine, and nothing else. */
const withPrograms = async (
  programs: readonly string[],
  body: (path: string) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-tools-'))
  const places = PATH.split(':')
  for (const program of programs) {
    const place = places.find(at => existsSync(join(at, program)))
    if (place) symlinkSync(join(place, program), join(folder, program))
  }
  try {
    await body(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// busybox runs its own applets, whatever PATH says.
for (const name of selectShells(['dd'])) {
  const test = suite(`required tools in ${name}`)

  test('a round of probes, a change under the lease and its end need nothing else', () =>
    withPrograms(REQUIRED_TOOLS, async path => {
      const folder = mkdtempSync(join(tmpdir(), 'brd-tools-'))
      const { shell } = openShell(name, undefined, { path })
      const result = await converge(
        [fileExists(`${folder}/x`, { stdin: Buffer.alloc(1e6), apply: `cat >${folder}/x` })],
        {
          host: 'here',
          shell: async () => shell,
          lease: { path: `${folder}/run/lease`, who: 'test' },
        },
      )
      assert.equal([result.error, listOutcomes(result)], [undefined, ['changed']])
      await shell.end()
      rmSync(folder, { recursive: true })
    }))

  for (const tool of REQUIRED_TOOLS)
    test(`without ${tool} nothing is begun, and it is named with what has it`, () =>
      withPrograms(
        REQUIRED_TOOLS.filter(other => other !== tool),
        async path => {
          const { shell } = openShell(name, undefined, { path })
          const error = await probe(shell, [{ fragment: sh`echo 1`, seconds: 5 }]).catch(
            (thrown: unknown) => thrown,
          )
          assert.instance(error, MissingTools)
          assert.is((error as MissingTools).message, `the host lacks ${tool}`)
          const packages = { awk: 'mawk', cmp: 'diffutils', grep: 'grep', ps: 'procps', sed: 'sed' }
          assert.is(
            (error as MissingTools).next,
            `install ${packages[tool as 'awk'] ?? 'coreutils'} there (or busybox, which has all of it)`,
          )
        },
      ))

  test.run()
}

const test = suite('required tools')

test('what the shell text of ours calls is looked for, or is a word of the shell', () => {
  const text = [
    renderBootScript(),
    LIBRARY,
    takeLease('/run/x', 'me').text,
    killRunning('/x').text,
  ].join('\n')
  const words = new Set(
    text
      .replace(/#.*$/gm, '')
      .replace(/'[^']*'/g, "''")
      .split(/[;|&{}()\n]|\b(?:do|then|else|elif|if|while|until|case|in)\b|\$\(/)
      .map(part => part.trim().split(/[\s<>]/)[0] ?? '')
      .filter(word => /^[a-z][a-z0-9]+$/.test(word)),
  )
  const shellWords = [
    ...['break', 'cd', 'command', 'continue', 'done', 'echo', 'esac', 'eval', 'exec', 'exit'],
    ...['export', 'fi', 'for', 'kill', 'printf', 'read', 'return', 'set', 'shift', 'trap', 'true'],
    ...['ulimit', 'umask', 'unset', 'wait', 'docker'],
    // words of patterns
    ...['aptitude', 'idle', 'sh', 'dash', 'bash', 'ash', 'busybox', 'zsh', 'fish', 'csh', 'tcsh'],
    ...['sudo', 'env', 'begin'],
  ]
  const unknown = [...words].filter(
    word => !shellWords.includes(word) && !(REQUIRED_TOOLS as readonly string[]).includes(word),
  )
  assert.equal(unknown, [])
})

test.run()
