import { createHmac } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Loopback, startLoopback } from '../../../support/loopback.ts'
import {
  parseEvents,
  type RunResult,
  readOutcomes,
  runPlaybook,
} from '../../../support/run-playbook.ts'

let hosts: Loopback
test.before(async () => {
  hosts = await startLoopback(['a', 'b'])
})
test.after(() => hosts?.stop())
test.after.each(() => hosts?.clear())

const plan = (): string => join(hosts.folder, 'plan.json')
const run = (...more: readonly string[]): Promise<RunResult> =>
  runPlaybook('rolling', ['-i', hosts.inventory, '--dir', hosts.folder, ...more])
const make = (...more: readonly string[]): Promise<RunResult> =>
  run('--check', '--plan-out', plan(), ...more)
// biome-ignore lint/suspicious/noExplicitAny: a file that is edited at will
type SavedJson = any

/** Edits a plan and seals it again, with the key that it has without a store. */
const editPlan = (edit: (saved: SavedJson) => void): void => {
  const { seal: _, ...saved } = JSON.parse(readFileSync(plan(), 'utf8'))
  edit(saved)
  const seal = createHmac('sha256', Buffer.from(saved.key.own, 'base64'))
    .update(`plan file\0${JSON.stringify(saved)}`)
    .digest('hex')
  writeFileSync(plan(), JSON.stringify({ ...saved, seal }))
}
const outcomes = ({ stdout }: RunResult) =>
  hosts.names.map(name => readOutcomes(parseEvents(stdout), name))
const three = (is: string) => [is, is, is]

test('a plan over two plays is made, kept to the letter, and does not hold twice', async () => {
  const made = await make()
  assert.is(made.code, 0, made.stderr)
  assert.match(
    made.stdout.replace(/\n\s+/g, ' '),
    /the plan is in \S+: 6 changes, 0 unknown; --plan \S+ with the same flags makes them/,
  )
  assert.is((statSync(plan()).mode & 0o777).toString(8), '600')
  assert.equal(hosts.list('a'), [])
  const kept = await run('--plan', plan(), '--json')
  assert.equal([kept.code, ...outcomes(kept)], [0, three('changed'), three('changed')], kept.stderr)
  assert.match(kept.stdout, /the plan \S+ was carried out/)
  const again = await run('--plan', plan(), '--json')
  assert.is(again.code, 2)
  assert.match(
    again.stdout,
    /refused: since the plan was made, step one has moved; step two has moved/,
  )
})

test('a host that has moved is refused, with what moved; the other is done', async () => {
  await make()
  await run('-l', 'b', '--tags', 'early')
  const look = await run('--plan', plan(), '--check', '--json')
  assert.equal(
    [look.code, ...outcomes(look)],
    [2, three('would-change'), ['failed', 'would-change']],
    'also where it is only looked',
  )
  const kept = await run('--plan', plan(), '--json')
  assert.equal([kept.code, ...outcomes(kept)], [2, three('changed'), ['failed', 'not-reached']])
  assert.match(kept.stdout, /refused: since the plan was made, step one has moved"/)
  assert.equal(hosts.list('b'), ['log', 'one'])
})

test('the unknown is listed, and nothing behind it is done, nor in later plays', async () => {
  const made = await make('--wait', 'a')
  assert.match(made.stdout, /5 changes, 1 unknown/)
  const kept = await run('--plan', plan(), '--wait', 'a', '--json')
  assert.equal(
    [kept.code, ...outcomes(kept)],
    [0, ['changed', 'unknown'], three('changed')],
    kept.stdout,
  )
  assert.match(kept.stdout, /unknown when the plan was made: until step one/)
  assert.match(kept.stdout, /goes no further on a, where something was unknown/)
  assert.equal(hosts.list('a'), ['log', 'one'])
  assert.is((await run('--wait', 'a')).code, 0, 'without a plan the rest is done')
})

test('another playbook, flag, variable, inventory or list is named before connecting', async () => {
  await make('-l', 'a', '--tags', 'web')
  const text = readFileSync(hosts.inventory, 'utf8')
  const refused = async (
    says: RegExp,
    more: readonly string[],
    playbook = 'rolling',
  ): Promise<void> => {
    const given = [
      '-i',
      hosts.inventory,
      '--dir',
      hosts.folder,
      '--plan',
      plan(),
      '--json',
      ...more,
    ]
    const { code, stdout, stderr } = await runPlaybook(playbook, given)
    assert.is(code, 1, stdout)
    assert.match(stderr, says)
    assert.not.match(stdout, /host-connected/)
  }
  await Promise.all([
    refused(/it was made with --limit a, this run is without --limit$/m, ['--tags', 'web']),
    refused(/it was made without -e|it was made without --extra-vars$/m, [
      '-l',
      'a',
      '--tags',
      'web',
      '-e',
      'timezone=Etc/UTC',
    ]),
    refused(/--bad is another now|it was made without --bad$/m, [
      '-l',
      'a',
      '--tags',
      'web',
      '--bad',
      'a',
    ]),
    refused(/it is a plan of rolling, and this is steps$/m, [], 'steps'),
  ])
  writeFileSync(hosts.inventory, `${text}\n`)
  await refused(/hosts\.yaml is another now$/m, ['-l', 'a', '--tags', 'web'])
  writeFileSync(hosts.inventory, text)
  editPlan(saved => {
    saved.plays[0].hosts.a[1].id = 'step zwei'
  })
  await refused(
    new RegExp(
      'the list of a in first is another than planned: step zwei is not listed any more' +
        String.raw`\n.*make a new plan`,
    ),
    ['-l', 'a', '--tags', 'web'],
  )
  writeFileSync(plan(), '{"version": 2}')
  await refused(/is not a saved plan of this version\n/, ['-l', 'a', '--tags', 'web'])
  writeFileSync(plan(), '{"version": 1}')
  await refused(/was made by another version of this program, whose plans are not sealed\n/, [])
  writeFileSync(plan(), '[')
  await refused(/is not a saved plan\n {2}Make a plan with --check --plan-out FILE\.$/m, [])
})

test('what a person read is what is done: any edit of the file is refused', async () => {
  await make('-l', 'a', '--tags', 'web')
  const whole = readFileSync(plan(), 'utf8')
  const edits: ((saved: SavedJson) => unknown)[] = [
    saved => (saved.plays[0].hosts.a[0].diff[0].after = 'harmless'),
    saved => (saved.plays[0].hosts.a[0].diff = []),
    saved => saved.plays[0].hosts.a.pop(),
    saved => (saved.plays[0].name = 'other'),
    saved => (saved.made = 'yesterday'),
    saved => (saved.plays[0].hosts.b = saved.plays[0].hosts.a),
    saved => (saved.seal = saved.seal.replace(/./, '0').replace(/.$/, '1')),
  ]
  await Promise.all(
    edits.map(async (edit, i) => {
      const file = join(hosts.folder, `edited-${i}.json`)
      const saved = JSON.parse(whole)
      edit(saved)
      writeFileSync(file, JSON.stringify(saved))
      const { code, stdout, stderr } = await run('-l', 'a', '--tags', 'web', '--plan', file)
      assert.equal([code, stdout], [1, ''], `edit ${i}`)
      assert.match(stderr, /edited-\d\.json: is not as it was written/)
    }),
  )
  writeFileSync(plan(), JSON.stringify(JSON.parse(whole)))
  const { code } = await run('-l', 'a', '--tags', 'web', '--plan', plan())
  assert.is(code, 0, 'blanks are no part of it')
})

test('another content of the same list is refused on the host', async () => {
  await make('-l', 'a', '--tags', 'web')
  editPlan(saved => {
    saved.plays[0].hosts.a[1].change = 'of another playbook'
  })
  const { code, stdout } = await run('-l', 'a', '--tags', 'web', '--plan', plan(), '--json')
  assert.is(code, 2)
  assert.match(stdout, /step two would be changed in another way than planned/)
  assert.equal(hosts.list('a'), [])
})

test('flags that do not go together, and a file that cannot be written', async () => {
  const [without, both, nowhere] = await Promise.all([
    run('--plan-out', plan()),
    run('--check', '--plan-out', plan(), '--plan', plan()),
    run('--check', '--plan-out', '/nowhere/plan.json'),
  ])
  assert.equal([without?.code, both?.code, nowhere?.code], [1, 1, 1])
  assert.match(
    without?.stderr ?? '',
    /--plan-out: a plan is made in check mode\n {2}Give --check too\./,
  )
  assert.match(both?.stderr ?? '', /makes a plan or keeps to one, not both/)
  assert.match(nowhere?.stderr ?? '', /--plan-out \/nowhere\/plan\.json: cannot be written: ENOENT/)
  assert.is(nowhere?.stdout, '', 'nothing was read for it')
  assert.not.ok(existsSync(plan()))
  rmSync(plan(), { force: true })
})

test.run()
