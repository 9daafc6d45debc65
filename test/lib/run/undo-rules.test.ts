import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ScriptError } from '../../../lib/errors/script-error.ts'
import { type UndoHost, Undos } from '../../../lib/run/undo.ts'

/** A run, with what an undo asks of it in order: its notes, `resume` and `kill`. */
const makeRun = (host: Partial<UndoHost> = {}): { undos: Undos; heard: string[] } => {
  const heard: string[] = []
  const undos = new Undos({
    interruptions: () => 0,
    resume: async () => void heard.push('resume'),
    kill: () => void heard.push('kill'),
    note: text => void heard.push(text),
    ...host,
  })
  return { undos, heard }
}

/** A promise that is settled from outside. */
const makeGate = () => {
  let [open, fail] = [() => {}, (_: Error) => {}]
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { opened, open: () => open(), fail: (error: Error) => fail(error) }
}
const turnOver = () => new Promise(resolve => setImmediate(resolve))
const catchMessage = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

test('an undo makes the hosts usable first, says so, and returns what it did', async () => {
  const { undos, heard } = makeRun()
  assert.is(await undos.run('the work', async () => heard.push('back'), 60), 3)
  assert.equal(heard, ['resume', 'the work: is being undone', 'back'])
})

test('what is begun inside an undo is a part of it, whoever begins it', async () => {
  const { undos } = makeRun()
  const states: boolean[] = []
  const look = () => states.push(undos.current !== null, undos.isActive)
  look()
  await undos.run(
    'the work',
    async () => {
      look()
      await turnOver()
      look()
    },
    60,
  )
  look()
  assert.equal(states, [false, false, true, true, true, true, false, false])
})

test('what runs beside an undo is no part of it', async () => {
  const { undos } = makeRun()
  const gate = makeGate()
  const undoing = undos.run('the work', () => gate.opened, 60)
  await turnOver()
  assert.equal([undos.current, undos.isActive], [null, true])
  gate.open()
  await undoing
})

test('an undo inside an undo is a part of it: neither announced nor begun anew', async () => {
  const { undos, heard } = makeRun()
  const inner = () => undos.run('a part', async () => 'done', 60)
  assert.is(await undos.run('the work', inner, 60), 'done')
  assert.equal(heard, ['resume', 'the work: is being undone'])
})

test('an undo waits for what was begun before it, and for what that begins', async () => {
  const { undos, heard } = makeRun()
  const [first, second] = [makeGate(), makeGate()]
  const work = undos.follow(first.opened).then(() => void undos.follow(second.opened))
  const undoing = undos.run('the work', async () => heard.push('back'), 60)
  await turnOver()
  first.open()
  await work
  await turnOver()
  assert.equal(heard, [])
  second.open()
  await undoing
  assert.is(heard.at(-1), 'back')
})

test('work that fails is over too, and whoever follows it gets its result', async () => {
  const { undos, heard } = makeRun()
  const gate = makeGate()
  const work = undos.follow(gate.opened)
  const undoing = undos.run('the work', async () => heard.push('back'), 60)
  gate.fail(new Error('exit 3'))
  assert.is(await catchMessage(work), 'exit 3')
  await undoing
  assert.is(heard.at(-1), 'back')
  assert.is(await undos.follow(Promise.resolve(5)), 5)
})

test('an undo does not wait for a part of another undo', async () => {
  const { undos, heard } = makeRun()
  const gate = makeGate()
  const first = undos.run('one', () => undos.follow(gate.opened), 60)
  await turnOver()
  await undos.run('two', async () => {}, 60)
  gate.open()
  await first
  assert.equal(heard, ['resume', 'one: is being undone', 'resume', 'two: is being undone'])
})

test('one interruption does not keep an undo from beginning, two do', async () => {
  const once = makeRun({ interruptions: () => 1 })
  await once.undos.run('the work', async () => {}, 60)
  assert.equal(once.heard, ['resume', 'the work: is being undone'])
  const twice = makeRun({ interruptions: () => 2 })
  await twice.undos
    .run('the work', async () => assert.unreachable(), 60)
    .then(
      () => assert.unreachable(),
      (error: unknown) => {
        assert.instance(error, ScriptError)
        assert.is((error as Error).message, 'the work: not undone: interrupted twice')
      },
    )
  assert.equal(twice.heard, ['the work: not undone: the run was interrupted twice'])
})

test('the second interruption ends each undo that goes on, and none that is over', async () => {
  const { undos } = makeRun()
  const seen: (typeof undos.current)[] = []
  const gate = makeGate()
  const undo = (what: string, until: Promise<void>) =>
    undos.run(
      what,
      async () => {
        seen.push(undos.current)
        await until
      },
      60,
    )
  await undo('over', Promise.resolve())
  const going = [undo('one', gate.opened), undo('two', gate.opened)]
  await turnOver()
  undos.stop()
  assert.equal(
    seen.map(undo => undo?.requested),
    [false, true, true],
  )
  gate.open()
  await Promise.all(going)
})

for (const [thrown, text] of [
  [new Error('exit 3'), 'exit 3'],
  ['odd', 'odd'],
] as const)
  test(`an undo that fails says so, and is over (${typeof thrown})`, async () => {
    const { undos, heard } = makeRun()
    const undoing = undos.run('the work', () => Promise.reject(thrown), 60)
    assert.is(await undoing.catch((error: unknown) => error), thrown)
    assert.is(heard.at(-1), `the work: not undone: ${text}`)
    assert.not(undos.isActive)
  })

test('an undo whose hosts cannot be made usable is not begun, and says so', async () => {
  const resume = () => Promise.reject(new Error('no answer'))
  const { undos, heard } = makeRun({ resume })
  assert.is(
    await catchMessage(undos.run('the work', async () => assert.unreachable(), 60)),
    'no answer',
  )
  assert.equal([heard, undos.isActive], [['the work: not undone: no answer'], false])
})

test('past its deadline an undo ends what runs on the hosts, as an interruption does', async () => {
  const late = makeGate()
  const { undos, heard } = makeRun({ kill: () => late.open() })
  let requested: boolean | undefined
  const work = async () => {
    await late.opened
    requested = undos.current?.requested
  }
  await undos.run('the work', work, 0.01)
  assert.is(requested, true)
  assert.is(heard.at(-1), 'the work: not undone within 0.01 s: ending what runs on the hosts')
})

test('an undo that ended in time is not ended later', async () => {
  const { undos, heard } = makeRun()
  await undos.run('the work', async () => {}, 0.01)
  await new Promise(resolve => setTimeout(resolve, 30))
  assert.equal(heard, ['resume', 'the work: is being undone'])
})

test.run()
