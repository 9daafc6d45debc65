import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { initStore } from '../../lib/secrets/store.ts'
import {
  listRecords,
  makeLabHome,
  type RunResult,
  runPlaybook,
  startPlaybook,
} from '../support/run-playbook.ts'
import { blockedStep, type StepTraces, traceSteps } from '../support/step-traces.ts'

/** In no other place than this test and the store until a playbook asks for it. */
const canary = `canary-${randomBytes(12).toString('hex')}`

let one: StepTraces
let home: ReturnType<typeof makeLabHome>
test.before(async () => {
  one = traceSteps('old-one')
  home = makeLabHome({})
  await (
    await initStore({ path: join(home.path, 'secrets.age'), key: join(home.path, 'age.key') })
  ).set('canary', canary)
})
test.after.each(() => one.clean())
test.after(async () => {
  home?.remove()
  await one?.host.end()
})

const flags = (...more: readonly string[]): string[] => [
  '--lab',
  '-l',
  'old-one',
  '--dir',
  one.dir,
  '-v',
  '-D',
  ...more,
]

/** Files of this machine that hold it: the records of runs and what is temporary. */
const heldHere = (): string[] => {
  const found: string[] = []
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) look(path)
      else if (entry.isFile() && contains(path)) found.push(path)
    }
  }
  const folders = [
    ...listRecords('secrets'),
    ...readdirSync(tmpdir()).flatMap(name =>
      /^(brd|tsx|zx)/.test(name) ? [join(tmpdir(), name)] : [],
    ),
  ]
  for (const folder of folders) {
    try {
      look(folder)
    } catch {} // another test's, which has ended meanwhile
  }
  return found
}

const contains = (path: string): boolean => {
  try {
    return readFileSync(path, 'latin1').includes(canary)
  } catch {
    return false // it is gone, or nobody's to read
  }
}

/** Processes of this machine that have it in their arguments or their environment. */
const runningHere = (): string[] =>
  readdirSync('/proc').filter(
    pid => /^\d+$/.test(pid) && [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`].some(contains),
  )

/**
 * Where it is on the host: arguments, environments, and files that are temporary, of the runner's
 * own, or logs.
 */
const there = (): string[] =>
  one.host
    .root(
      `set +e
for p in /proc/[0-9]*; do
  for f in cmdline environ; do
    cat "$p/$f" 2>/dev/null | tr "\\0" "\\n" | grep -q 'canary-[0-9a-f]\\{24\\}' &&
      echo "$p/$f $(tr '\\0' ' ' <$p/cmdline)"
  done
done
grep -rlI 'canary-[0-9a-f]\\{24\\}' /dev/shm /tmp /run /var/tmp 2>/dev/null
grep -rlI 'canary-[0-9a-f]\\{24\\}' /var/log /var/lib/brd /etc/brd 2>/dev/null
journalctl --no-pager --quiet --since -10min 2>/dev/null |
  grep -q 'canary-[0-9a-f]\\{24\\}' && echo journal
:`,
    )
    .split('\n')
    .filter(line => line !== '')
    .sort()

const told = ({ stdout, stderr }: RunResult): string => stdout + stderr

test('a secret on its way is in no argument, environment or temporary file', async () => {
  const run = startPlaybook('secrets', flags('--work', blockedStep), { home: home.path })
  await one.begun('two')
  const [onHost, processes, files] = [there(), runningHere(), heldHere()]
  one.release()
  const ended = await run.ended
  assert.is(ended.code, 0, told(ended))
  assert.equal(
    [onHost, processes, files],
    [[`${one.dir}/secret`], [], []],
    'its own file alone holds it',
  )
  assert.not.ok(told(ended).includes(canary))
  assert.match(told(ended), /\(secret canary\)/)
})

for (const [what, more] of Object.entries({
  'on a terminal or a pipe': [],
  'as events': ['--json'],
  'in check mode': ['--check'],
}))
  test(`what is told ${what}, and kept, names it and does not show it`, async () => {
    const ended = await runPlaybook('secrets', flags(...more), { home: home.path })
    assert.is(ended.code, 0, told(ended))
    assert.match(told(ended), /\(secret canary\)/)
    assert.equal([told(ended).includes(canary), heldHere()], [false, []])
  })

test('the message of a failed change is redacted in every output and record', async () => {
  for (const more of [[], ['--json']]) {
    const ended = await runPlaybook('secrets', flags('--tell', ...more), { home: home.path })
    assert.is(ended.code, 2)
    assert.match(told(ended), /step three[\s\S]*exit 3/)
    assert.match(told(ended), /\(secret canary\)/)
    assert.equal([told(ended).includes(canary), heldHere()], [false, []])
  }
})

test('nothing of it is left on the host but its file', async () => {
  await runPlaybook('secrets', flags(), { home: home.path })
  assert.equal(there(), [`${one.dir}/secret`, `${one.dir}/two`])
})

test.run()
