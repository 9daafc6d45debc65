import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../../lib/operation.ts'
import { raw, sh, shared } from '../../../../lib/sh.ts'
import { type Frame, readFrames } from '../../../../lib/transport/protocol/frames.ts'
import type { Round } from '../../../../lib/transport/protocol/round-trip.ts'
import {
  computeChangeDeadline,
  killRunning,
  type Probe,
  renderRound,
  type Step,
  stopAfterThis,
} from '../../../../lib/transport/protocol/script.ts'
import { encodeRound, renderBootScript, Shell } from '../../../../lib/transport/root-shell.ts'
import { findPath, findShell, openShell, SHELLS } from '../../../support/shells.ts'

const deadlines = suite('deadlines')
deadlines(
  'a large payload lengthens the deadline of its change, as a line of 1 Mbit/s needs',
  () => {
    const change = { diff: [], apply: sh`cat` }
    assert.equal(
      [
        change,
        { ...change, seconds: 5 },
        { ...change, stdin: 'x'.repeat(1000) },
        { ...change, stdin: Buffer.alloc(100_000_000) },
      ].map(computeChangeDeadline),
      [60, 5, 60, 860],
    )
  },
)
deadlines.run()

const look = (id: number, text: string, seconds = 30): Probe => ({ id, probe: raw(text), seconds })
const apply = (id: number, text: string, more: Partial<Change> = {}, isCommand?: true): Step => ({
  change: {
    id,
    change: { diff: [], apply: raw(text), ...more },
    ...(isCommand ? { isCommand } : {}),
  },
})
const turn = (id: number, exitCode: number, text: string): Step => ({
  turn: { ...look(id, text), exitCode },
})

const greeting = shared('test_greeting', sh`greet() { echo "it's $1"; }`)
const parting = shared('test_parting', sh`echo bye`)

/** A frame in words, in which bytes are text. */
const describe = (frame: Frame): string => {
  if ('by' in frame) return `${frame.type} ${frame.by}`
  if (frame.type !== 'changed' && frame.type !== 'probed') return `${frame.type} ${frame.id}`
  const { exitCode, stdout, stderr } = frame.output
  return `${frame.type} ${frame.id}: ${exitCode} [${stdout}] [${stderr}]`
}

const payloads = suite('the payloads of a round')
payloads('only what is given to a change travels, in the order of the changes', () => {
  const { payloads: sent } = renderRound({
    nonce: 'n',
    round: 1,
    lease: null,
    steps: [
      apply(0, 'cat', { stdin: 'first' }),
      apply(1, 'true'),
      apply(2, 'cat', { stdin: '' }),
      apply(3, 'cat', { stdin: 'planned', renew: () => ({ apply: sh`cat`, stdin: 'anew' }) }),
    ],
    probes: [],
  })
  assert.equal(sent, ['first', '', 'anew'])
})
payloads.run()

for (const name of SHELLS) {
  const test = suite(`script in ${name}`)

  /**
   * Sends so much of a round that makes a file, and then the link is lost. Tells whether the file
   * was made.
   */
  const made = async (part: (script: string) => string): Promise<boolean> => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-script-'))
    const { child } = openShell(name)
    const { script } = renderRound({
      nonce: 'n',
      round: 1,
      lease: null,
      steps: [{ change: { id: 0, change: { diff: [], apply: sh`: >${folder}/made` } } }],
      probes: [{ id: 0, probe: sh`echo there`, seconds: 5 }],
    })
    child.stdin?.end(`round ${Buffer.byteLength(script)}\n${part(script)}`)
    await once(child, 'close')
    const was = existsSync(`${folder}/made`)
    rmSync(folder, { recursive: true })
    return was
  }

  test('a round that came whole is run', async () => assert.ok(await made(script => script)))

  test('a round that was cut off is not begun', async () => {
    const upTo = (what: RegExp, more: number) => (script: string) =>
      script.slice(0, script.search(what) + more)
    assert.not(await made(upTo(/\n_emit p0/, 1)), 'after its changes')
    assert.not(await made(upTo(/\n_call;/, 1)), 'before its end')
  })

  /**
   * Plays rounds in one shell, and tells the frames of each in words. They are written in advance,
   * so that a shell that answers otherwise ends, and nobody waits for it.
   */
  const play = async (...rounds: readonly Partial<Round>[]): Promise<string[][]> => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-script-'))
    const [memory, disk] = [join(folder, 'memory'), join(folder, 'disk')]
    for (const each of [memory, disk]) mkdirSync(each)
    const sent = rounds.map((round, at) => {
      const whole = { lease: null, steps: [], probes: [], ...round }
      const { script, payloads } = renderRound({ nonce: `n${at}`, round: at + 1, ...whole })
      return [...encodeRound(script), ...payloads.map(payload => `${payload}`)]
    })
    const { stdout } = spawnSync(
      findShell(name),
      ['-c', renderBootScript(findPath(name), [memory, disk])],
      { cwd: folder, input: Buffer.concat(sent.flat().map(part => Buffer.from(part))) },
    )
    const left = [memory, disk].flatMap(each => readdirSync(each))
    rmSync(folder, { recursive: true })
    assert.equal(left, [], 'the shell takes its folders along')
    const shell = new Shell({
      stdin: new PassThrough().resume(),
      stdout: Readable.from([stdout]),
      stderr: Readable.from([]),
      exit: new Promise(() => undefined),
      close: () => undefined,
    })
    const told: string[][] = []
    for (const at of rounds.keys()) {
      await shell.round('', [], `n${at}`)
      const frames: string[] = []
      for await (const frame of readFrames(shell, `n${at}`)) frames.push(describe(frame))
      told.push(frames)
    }
    return told
  }

  test('each probe is told with its exit code, its output and its errors', async () =>
    assert.equal(
      await play(
        { probes: [look(4, 'echo a; echo b >&2; exit 3'), look(7, ':')] },
        {},
        { probes: [look(0, "printf '%s' 'it''s $x'")] },
      ),
      [['probed 4: 3 [a\n] [b\n]', 'probed 7: 0 [] []'], [], ['probed 0: 0 [its $x] []']],
    ))

  test('a round that reads nothing leaves the outputs of the next ones in memory', async () =>
    assert.equal(
      await play({ steps: [apply(0, ':')] }, { probes: [look(0, '[ "$o" = "$d" ]; echo $?')] }),
      [['start 0', 'changed 0: 0 [] []'], ['probed 0: 0 [0\n] []']],
    ))

  test('a change gets its payload; a command tells its output and its errors apart', async () =>
    assert.equal(
      await play({
        steps: [
          apply(0, 'cat', { stdin: 'zero' }),
          apply(1, 'cat; echo one; echo too >&2'),
          apply(2, 'cat', { stdin: 'two' }),
          apply(3, 'cat; echo b >&2; exit 4', { stdin: 'three\n' }, true),
          apply(4, 'echo not reached'),
        ],
        probes: [look(0, 'echo there')],
      }),
      [
        [
          'start 0',
          'changed 0: 0 [zero] []',
          'start 1',
          'changed 1: 0 [one\ntoo\n] []',
          'start 2',
          'changed 2: 0 [two] []',
          'start 3',
          'changed 3: 4 [three\n] [b\n]',
          'probed 0: 0 [there\n] []',
        ],
      ],
    ))

  test('a change that is made anew is sent as it is then, not as it was planned', async () => {
    const renew = () => ({ apply: sh`cat; echo now`, stdin: 'new ' })
    assert.equal(await play({ steps: [apply(0, 'cat', { stdin: 'old', renew })] }), [
      ['start 0', 'changed 0: 0 [new now\n] []'],
    ])
  })

  test('a turn is taken if its probe is as it was; if not, nothing after it is done', async () => {
    const read = 'cat $d/../it'
    const probes = [look(0, ':'), look(1, read), look(2, 'echo z >$d/../it; exit 5')]
    const round = (exitCode: number) => ({
      steps: [turn(1, exitCode, read), apply(1, 'echo b >>$d/../it')],
      probes,
    })
    const make = { steps: [apply(0, 'echo a >$d/../it')], probes: [look(1, read)] }
    const remove = { steps: [apply(3, 'rm $d/../it')] }
    const read5 = ['probed 0: 0 [] []', 'probed 1: 0 [z\n] []', 'probed 2: 5 [] []']
    const [, taken, moved, , another] = await play(make, round(0), round(0), make, round(1), remove)
    assert.equal(
      taken,
      [
        'start 1',
        'changed 1: 0 [] []',
        'probed 0: 0 [] []',
        'probed 1: 0 [a\nb\n] []',
        'probed 2: 5 [] []',
      ],
      "the turn's own exit code is none of those of the probes",
    )
    assert.equal(moved, ['stale 1', ...read5], 'other output')
    assert.equal(
      another,
      ['stale 1', ...read5].map(it => it.replace('z', 'a')),
      'another exit code',
    )
  })

  test('a probe that is made anew since its turn is the new one', async () => {
    const steps = [turn(1, 0, 'echo a'), apply(1, ':')]
    const renewed = await play(
      { probes: [look(1, 'echo a')] },
      { steps, probes: [look(1, 'echo c')] },
    )
    assert.equal(renewed[1]?.at(-1), 'probed 1: 0 [c\n] []')
  })

  test('what changes share is there for each of them', async () => {
    const steps = ['a', 'b'].map(
      (word, id): Step => ({
        change: { id, change: { diff: [], apply: sh`${greeting}; greet ${word}; ${parting}` } },
      }),
    )
    assert.equal(await play({ steps: [apply(2, 'echo alone'), ...steps] }), [
      [
        'start 2',
        'changed 2: 0 [alone\n] []',
        'start 0',
        "changed 0: 0 [it's a\nbye\n] []",
        'start 1',
        "changed 1: 0 [it's b\nbye\n] []",
      ],
    ])
  })

  test('a lease is taken for changes only, and without it nothing is changed', async () => {
    const lease = raw('echo held by another; go=held')
    assert.equal(
      await play({ lease, probes: [look(0, ':')] }, { lease, steps: [apply(0, 'echo made')] }),
      [['probed 0: 0 [] []'], ['held by another']],
    )
  })

  test('after a stop the running change ends, and none begins until the next round', async () => {
    const stop = stopAfterThis('DIR').text.replace('DIR', '$d')
    assert.equal(
      await play(
        { steps: [apply(0, `${stop}; echo whole`), apply(1, 'echo next')], probes: [look(0, ':')] },
        { steps: [apply(1, 'echo next')] },
      ),
      [
        ['start 0', 'changed 0: 0 [whole\n] []', 'stopped 1', 'probed 0: 0 [] []'],
        ['start 1', 'changed 1: 0 [next\n] []'],
      ],
    )
  })

  test('of all rounds only the outputs of the last one are kept', async () => {
    const round = { steps: [apply(0, 'echo x')], probes: [look(0, 'echo x')] }
    const list = look(0, `cd $o; ls -d *.* s/* 2>/dev/null | grep -v '^4[.]'; :`)
    const [, , , last] = await play(round, round, round, { probes: [list] })
    assert.equal(last, ['probed 0: 0 [3.c0.o\n3.p0.e\n3.p0.o\n] []'])
  })

  test('a probe that hangs is ended at its deadline, and the next one is made', async () =>
    assert.equal(await play({ probes: [look(0, 'sleep 600', 1), look(1, 'echo there')] }), [
      ['probed 0: 124 [] []', 'probed 1: 0 [there\n] []'],
    ]))

  /**
   * Runs the second Ctrl-C where `now` runs with the processes 10 and 11, and 12 in a container.
   * They live for so many seconds after they were asked to end. `next` is what `now` becomes while
   * it is waited for; `gone` is a shell that has ended. Tells what was done to them.
   */
  const killed = (
    now: string,
    seconds: number,
    { packaging = false, next = now, tree = 'echo 10 11', end = '\n' } = {},
  ) => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-script-'))
    if (now !== 'gone') writeFileSync(join(folder, 'now'), `${now}${end}`)
    const world = `t=0
      _tree() { [ "$1" = 10 ] && ${tree}; }
      _inside() { [ "$1" = ${folder}/2.c5 ] && echo 12; }
      _packaging() { [ "$*" = '10 11 12' ] && ${packaging}; }
      _end() { echo "end $*"; }
      sleep() { case $1 in 1) t=$((t+1));; *) echo '${next}' >${folder}/now;; esac; }
      _any() { [ "$*" = '10 11 12' ] && [ $t -lt ${seconds} ]; }
      kill() { how=\${1#-}; shift; for i; do echo "$how $i"; done; }\n`
    const { stdout, status } = spawnSync(
      findShell(name),
      ['-c', world + killRunning(folder).text, join(folder, 'sh')],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const stops = existsSync(join(folder, 'stop'))
    rmSync(folder, { recursive: true })
    return { done: stdout.trim().split('\n'), status, stops }
  }
  const asked = ['STOP', 'TERM', 'CONT'].flatMap(signal =>
    [10, 11, 12].map(id => `${signal} ${id}`),
  )

  test('the second Ctrl-C stops all that runs before it asks any of it to end', () =>
    assert.equal(killed('2.c5 60 10', 0), { done: asked, status: 0, stops: true }))

  test('what has not ended three seconds later is ended, with what it began meanwhile', () => {
    assert.equal(killed('2.c5 60 10', 2).done, asked)
    assert.equal(killed('2.c5 60 10', 4).done, [...asked, 'end 10 11 12 10 11 12'])
  })

  test('a package manager is left to finish, and where nothing runs nothing is ended', () => {
    const nothing = { done: [''], status: 0, stops: true }
    assert.equal(killed('2.c5 60 10', 4, { packaging: true }), nothing)
    assert.equal(killed('idle', 4), nothing)
    assert.equal(killed('gone', 4), nothing, 'the shell has ended and took its folder along')
  })

  test('what just begins is waited for until it runs, or until it has seen the stop', () => {
    for (const now of ['begin', '']) {
      assert.equal(killed(now, 0, { next: '2.c5 60 10' }).done, asked)
      assert.equal(killed(now, 0, { next: 'idle' }).done, [''])
    }
    const half = killed('2.c5 60 1', 0, { end: '', next: '2.c5 60 10' })
    assert.equal(half.done, asked, 'a note that is half written names another process')
  })

  test('where what lists the processes was ended itself, they are listed again', () => {
    const tree = '{ [ -e $0.seen ] && echo 10 11 || : >$0.seen; }'
    assert.equal(killed('2.c5 60 10', 0, { tree }).done, asked)
  })

  test.run()
}
