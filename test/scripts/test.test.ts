import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const run = (...args: readonly string[]): { code: number | null; lines: string[] } => {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['scripts/start.mjs', 'scripts/test.ts', ...args],
    {
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  return { code: status, lines: stdout.trimEnd().split('\n') }
}

test('closes with the counts and exit code 0', () => {
  const { code, lines } = run('test/scripts/test/select.test.ts')
  assert.match(lines.at(-1) ?? '', /^[1-9]\d* passed, 0 failed, 0 skipped$/)
  assert.is(code, 0)
})

test('a path without tests, an unknown flag and an empty choice are errors with the usage', () => {
  for (const [args, says] of [
    [['test/nowhere.test.ts'], /^no test file at test\/nowhere\.test\.ts/],
    [['--lives'], /Unknown option '--lives'/],
    [['--only', 'no-such-name'], /^no test file matches/],
  ] as const) {
    const { code, lines } = run(...args)
    assert.match(lines[0] ?? '', says)
    assert.match(lines.join('\n'), /npm test -- \[paths\]/)
    assert.is(code, 1)
  }
})

test.run()
