import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Change, type Operation, Unknown } from '../../../../lib/operation.ts'
import { directory } from '../../../../lib/operations/directory.ts'
import { sha256 } from '../../../../lib/operations/file/content.ts'
import { file } from '../../../../lib/operations/file.ts'
import { line } from '../../../../lib/operations/line.ts'
import { renderRound } from '../../../../lib/transport/protocol/script.ts'

const test = suite('round-bytes')

/** What the operation plans from what its probe printed. */
const planFrom = (op: Operation, printed: string): Change => {
  const plan = op.decide(
    { exitCode: 0, stdout: Buffer.from(printed), stderr: '' },
    { pending: () => false },
  )
  if (plan === null || plan instanceof Unknown) throw new Error(`${op.id}: no change is planned`)
  return plan
}

const renderChanges = (changes: readonly Change[]): string =>
  renderRound({
    nonce: 'n',
    round: 2,
    lease: null,
    steps: changes.map((change, id) => ({ change: { id, change } })),
    probes: [],
  }).script

/** Bytes of script that one more such change costs. */
const countBytesOfOneMore = (make: (n: number) => Change): number => {
  const changes = [make(1), make(2), make(3)]
  return renderChanges(changes).length - renderChanges(changes.slice(0, 2)).length
}

const changes: Record<string, (n: number) => Change> = {
  'a file': n => planFrom(file({ path: `/srv/f${n}`, content: 'new\n' }), 'absent\n'),
  'the rights of a file': n =>
    planFrom(
      file({ path: `/srv/f${n}`, content: '' }),
      `regular empty file|600|0|0|root|root|0|1\n${sha256('')}\n`,
    ),
  'a folder': n => planFrom(directory({ path: `/srv/d${n}` }), 'absent\n'),
}

for (const [what, make] of Object.entries(changes))
  test(`${what} costs less than 800 bytes of a round that changes others too`, () => {
    const bytes = countBytesOfOneMore(make)
    assert.ok(bytes < 800, `${bytes} bytes`)
  })

test('the functions that enter a folder are sent once a round, if at all', () => {
  const all = [1, 2, 3].flatMap(n => Object.values(changes).map(make => make(n)))
  assert.is(renderChanges(all).split('\nwalk() {').length - 1, 1)
  assert.is(renderChanges([]).split('\nwalk() {').length - 1, 0)
})

test('what an edit shares with a new file is sent once', () => {
  const edit = planFrom(line({ path: '/srv/f', key: 'a', value: 1 }), 'end\n')
  const script = renderChanges([(changes['a file'] as (n: number) => Change)(1), edit])
  assert.is(script.split('\ntrap ').length - 1, 1)
})

test.run()
