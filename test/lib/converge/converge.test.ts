import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DisruptionQueue } from '../../../lib/converge/converge.ts'
import { Deferred } from '../../../lib/deferred.ts'
import { type Operation, operation, Unknown } from '../../../lib/operation.ts'
import { Secret } from '../../../lib/secret.ts'
import { raw as rawSh, renewed, sh } from '../../../lib/sh.ts'
import { type Connector, Session } from '../../../lib/transport/session.ts'
import { BecomeError } from '../../../lib/transport/ssh/sudo.ts'
import { localReach, SHELLS } from '../../support/shells.ts'
import { fileExists, listOutcomes, rawOperation, withEngine } from '../../support/with-engine.ts'

/**
 * Edits the whole file: reads all of it and writes all of it, so that two of them in one batch
 * would undo each other.
 */
const wholeLine = operation('whole', {
  name: ({ path, key }: { path: string; key: string }) => `${path} ${key}`,
  probe: ({ path }) => sh`cat ${path}`,
  read: out => out.stdout.toString(),
  plan: (now, { path, key }) =>
    now.split('\n').includes(key)
      ? null
      : {
          diff: [{ key, before: null, after: key }],
          apply: sh`cat >${path}`,
          stdin: `${now}${key}\n`,
        },
})

/**
 * A fake service: it runs with a copy of its configuration, and must be restarted when that has
 * changed.
 */
const service = operation('daemon', {
  name: ({ dir }: { dir: string; restartOn: Operation }) => dir,
  probe: ({ dir }) =>
    sh`cd ${dir} || exit 4; [ -e conf ] || exit 5; cat conf; echo =
      if [ -e started ]; then cat started; else echo never; fi`,
  read: out =>
    out.exitCode === 0
      ? out.stdout.toString().split('=\n')
      : new Unknown(`no unit (exit ${out.exitCode})`),
  plan: ([conf = '', started = ''], { dir, restartOn }, { pending }) =>
    conf === started && !pending(restartOn)
      ? null
      : {
          diff: [{ key: 'restarted', before: started, after: 'new' }],
          apply: sh`cd ${dir} && cat conf >started && echo restart >>log`,
        },
})
/** It ends once it was watched so often. */
const watch = (dir: string, turns: number, watchSeconds = 60): Operation =>
  operation('watch', {
    name: (_: object) => dir,
    probe: () => sh`cd ${dir}; [ ! -e turns ] || turns=$(wc -l <turns); echo $((turns))`,
    read: out => Number(out.stdout),
    plan: now =>
      now >= turns
        ? null
        : {
            diff: [{ key: 'work', before: null, after: 'done' }],
            apply: sh`echo turn >>${`${dir}/turns`}`,
            watchSeconds,
          },
  })({})
const conf = (dir: string, text: string): Operation =>
  rawOperation({
    name: `${dir}/conf`,
    probe: `mkdir -p ${dir}; if [ -e ${dir}/conf ]; then cat ${dir}/conf; else echo absent; fi`,
    want: `${text}\n`,
    apply: `cat >${dir}/conf`,
    stdin: `${text}\n`,
  })

for (const name of SHELLS) {
  const test = suite(`converge in ${name}`)

  test('the run does what check foretold; the next one changes nothing, in one round trip', () =>
    withEngine(name, async ({ folder, converge }) => {
      const ops = ['a', 'b', 'c'].map(file => fileExists(`${folder}/${file}`))
      const check = await converge(ops, { check: true })
      assert.equal(
        [check.result, check.trips, listOutcomes(check)],
        ['ok', 1, ['would-change', 'would-change', 'would-change']],
      )
      assert.equal(readdirSync(folder), [])
      const first = await converge(ops)
      assert.equal(
        [first.result, first.trips, listOutcomes(first)],
        ['ok', 2, ['changed', 'changed', 'changed']],
      )
      assert.equal(
        first.outcomes.map(o => o.is === 'changed' && o.diff),
        check.outcomes.map(o => o.is === 'would-change' && o.diff),
      )
      const second = await converge(ops)
      assert.equal(
        [second.result, second.trips, listOutcomes(second)],
        ['ok', 1, ['ok', 'ok', 'ok']],
      )
    }))

  test('a file that an earlier change of the batch edits is read again: both edits survive', () =>
    withEngine(name, async ({ folder, converge }) => {
      const path = `${folder}/w`
      writeFileSync(path, '')
      const result = await converge(['k1', 'k2', 'k3'].map(key => wholeLine({ path, key })))
      assert.equal([result.result, listOutcomes(result)], ['ok', ['changed', 'changed', 'changed']])
      assert.is(readFileSync(path, 'utf8'), 'k1\nk2\nk3\n')
    }))

  test('what goes on by itself is watched to its end, and nothing is done before that', () =>
    withEngine(name, async ({ folder, converge }) => {
      const { result, trips, outcomes } = await converge(
        [watch(folder, 4), fileExists(`${folder}/after`, { log: `${folder}/turns` })],
        { maxRounds: 2 },
      )
      assert.equal([result, trips], ['ok', 6])
      assert.equal(
        outcomes.map(({ is }) => is),
        ['changed', 'changed'],
      )
      assert.match(readFileSync(`${folder}/turns`, 'utf8'), /^(turn\n){4}.*after\n$/)
    }))

  test('what goes on for longer than it may is named', () =>
    withEngine(name, async ({ folder, converge }) => {
      const { result, error } = await converge([watch(folder, 99, 0)], { maxRounds: 2 })
      assert.is(result, 'failed')
      assert.match(error?.message ?? '', /^not settled after 3 rounds: watch/)
    }))

  test('a Ctrl-C ends the watch: it is in flight, and the next run watches on', () =>
    withEngine(name, async ({ folder, converge }) => {
      const stop = { requested: false }
      const emit = ({ type }: { type: string }) => {
        if (type === 'op-started') stop.requested = true
      }
      const first = await converge([watch(folder, 3)], { stop, emit })
      assert.equal([first.result, listOutcomes(first)], ['interrupted', ['in-flight']])
      const second = await converge([watch(folder, 3)])
      assert.equal([second.result, listOutcomes(second)], ['ok', ['changed']])
      assert.is(readFileSync(`${folder}/turns`, 'utf8'), 'turn\n'.repeat(3))
    }))

  test('a list may have more barriers than the rounds that may pass for nothing', () =>
    withEngine(name, async ({ folder, converge }) => {
      writeFileSync(`${folder}/0`, '')
      const ops = Array.from({ length: 5 }, (_, i) =>
        fileExists(`${folder}/${i + 1}`, { needs: `${folder}/${i}` }),
      )
      const { result, trips, outcomes } = await converge(ops, { maxRounds: 2 })
      assert.equal(
        [result, trips, outcomes.map(({ is }) => is)],
        ['ok', 6, ops.map(() => 'changed')],
      )
    }))

  test('two that undo each other do not go on for ever', () =>
    withEngine(name, async ({ folder, converge }) => {
      const first = fileExists(`${folder}/x`, { apply: `cd ${folder}; rm -f y; : >x; : >z` })
      const second = fileExists(`${folder}/y`, {
        needs: `${folder}/z`,
        apply: `cd ${folder}; rm -f x; : >y`,
      })
      const { result, error } = await converge([first, second])
      assert.is(result, 'failed')
      assert.ok(error)
    }))

  test('an unknown is a barrier: the order of the list is kept', () =>
    withEngine(name, async ({ folder, converge }) => {
      writeFileSync(`${folder}/0`, '')
      const at = (file: string, needs: string) =>
        fileExists(`${folder}/${file}`, { needs: `${folder}/${needs}`, log: `${folder}/order` })
      const ops = [at('1', '0'), at('2', '1'), at('3', '0'), at('4', '2'), at('5', '0')]
      const check = await converge(ops, { check: true })
      assert.equal(listOutcomes(check), [
        'would-change',
        'unknown',
        'would-change',
        'unknown',
        'would-change',
      ])
      const [, unknown] = check.outcomes
      assert.match(unknown?.is === 'unknown' ? unknown.why : '', /until raw .*\/1 \(exit 9/)
      assert.equal(
        [
          (await converge(ops)).result,
          readFileSync(`${folder}/order`, 'utf8').replaceAll(`${folder}/`, ''),
        ],
        ['ok', '1\n2\n3\n4\n5\n'],
      )
    }))

  test('an unknown names what its plan asked for, or all changes that it may wait for', () =>
    withEngine(name, async ({ folder, converge }) => {
      const some = ['a', 'b', 'c', 'd'].map(file => fileExists(`${folder}/${file}`))
      const asks: Operation = {
        ...fileExists(`${folder}/asks`),
        decide: (_, { pending }) => (pending(some[1] as Operation) ? new Unknown('later') : null),
      }
      const waits = (count: number) =>
        fileExists(`${folder}/w${count}`, { needs: `${folder}/never` })
      const why = async (ops: readonly Operation[]) => {
        const { outcomes } = await converge(ops, { check: true })
        const last = outcomes.at(-1)
        return (last?.is === 'unknown' ? last.why : last?.is)?.replaceAll(`${folder}/`, '')
      }
      assert.equal(
        [
          await why([...some, asks]),
          await why([...some.slice(0, 1), waits(1)]),
          await why([...some.slice(0, 2), waits(2)]),
          await why([...some, waits(4)]),
        ],
        [
          'until raw b (later)',
          'until raw a (exit 9: )',
          'until one of raw a, raw b (exit 9: )',
          'until one of the 4 changes before it, from raw a to raw d (exit 9: )',
        ],
      )
    }))

  test('a probe that prints the same with another exit code has moved', () =>
    withEngine(name, async ({ folder, converge }) => {
      const op = rawOperation({
        name: 'code',
        probe: `[ ! -e ${folder}/1 ] || [ -e ${folder}/2 ] || exit 3`,
        want: 'x',
        apply: `: >${folder}/applied`,
      })
      let before = ''
      const coded: Operation = {
        ...op,
        decide: ({ exitCode }) => {
          before += exitCode
          return existsSync(`${folder}/applied`)
            ? null
            : {
                diff: [{ key: 'x', before: `${exitCode}`, after: 'x' }],
                apply: sh`: >${folder}/applied`,
              }
        },
      }
      const result = await converge([fileExists(`${folder}/1`), coded])
      assert.equal([result.trips, listOutcomes(result), before], [3, ['changed', 'changed'], '033'])
    }))

  test('a probe that fails with nothing pending is an error, never "absent"', () =>
    withEngine(name, async ({ converge }) => {
      const result = await converge([
        rawOperation({ name: 'x', probe: 'no-such-command-here', want: '', apply: 'true' }),
      ])
      assert.is(result.result, 'failed')
      assert.match(result.error?.message ?? '', /raw x: cannot be read: exit 127/)
    }))

  test('a renewed probe and a renewed change are made when they are sent', () =>
    withEngine(name, async ({ folder, converge }) => {
      let [probes, changes] = [0, 0]
      const path = `${folder}/signed`
      const signed = operation('signed', {
        name: () => path,
        probe: () => renewed(() => sh`: ${++probes}; cat ${path} 2>/dev/null || echo absent`),
        read: out => out.stdout.toString(),
        plan: now =>
          now === 'absent\n'
            ? {
                diff: [{ key: 'signed', before: null, after: 'yes' }],
                apply: sh`exit 9`,
                renew: () => ({ apply: sh`cat >${path}`, stdin: `at ${++changes}` }),
              }
            : null,
      })
      const slow = fileExists(`${folder}/slow`, { apply: `sleep 2; : >${folder}/slow` })
      const first = await converge([signed({}), slow], { renewSeconds: 1.5 })
      assert.equal(
        [first.result, first.trips, listOutcomes(first), readFileSync(path, 'utf8')],
        ['ok', 3, ['changed', 'changed'], 'at 1'],
      )
      // Two in the first round of changes: at its turn and at the end.
      assert.equal([probes, changes], [4, 1])
      assert.is((await converge([signed({})])).trips, 1)
    }))

  test('a pending input foretells a restart; the next run makes up for one that was missed', () =>
    withEngine(name, async ({ folder, converge }) => {
      const list = (text: string) => {
        const file = conf(folder, text)
        return [file, service({ dir: folder, restartOn: file })]
      }
      assert.equal(listOutcomes(await converge(list('1'))), ['changed', 'changed'])
      assert.equal(listOutcomes(await converge(list('1'))), ['ok', 'ok'])
      assert.equal(listOutcomes(await converge(list('2'), { check: true })), [
        'would-change',
        'would-change',
      ])
      const second = await converge(list('2'))
      assert.equal(
        [second.trips, listOutcomes(second), readFileSync(`${folder}/log`, 'utf8')],
        [2, ['changed', 'changed'], 'restart\nrestart\n'],
      )
      writeFileSync(`${folder}/conf`, '3\n') // as if the run had died here
      assert.equal(listOutcomes(await converge(list('3'))), ['ok', 'changed'])
    }))

  test('a side effect that check could not know is told as not foreseen', () =>
    withEngine(name, async ({ folder, converge }) => {
      writeFileSync(`${folder}/b`, '')
      const b = rawOperation({
        name: 'b',
        probe: `if [ -e ${folder}/b ]; then echo there; else echo absent; fi`,
        want: 'there\n',
        apply: `: >${folder}/b`,
      })
      const result = await converge([
        fileExists(`${folder}/a`, { apply: `: >${folder}/a; rm ${folder}/b` }),
        b,
      ])
      assert.equal(
        result.outcomes.map(o => o.is === 'changed' && o.foreseen),
        [true, false],
      )
    }))

  test('applied and still different: an error at once', () =>
    withEngine(name, async ({ converge }) => {
      const result = await converge([
        rawOperation({ name: 'broken', probe: 'echo no', want: 'yes\n', apply: 'true' }),
      ])
      assert.equal([result.result, result.trips], ['failed', 2])
      assert.match(result.error?.message ?? '', /raw broken: applied, exit 0, and still differs/)
    }))

  test('two operations that undo each other are named', () =>
    withEngine(name, async ({ folder, converge }) => {
      const set = (text: string) =>
        rawOperation({
          name: text,
          probe: `if [ -e ${folder}/o ]; then cat ${folder}/o; else echo absent; fi`,
          want: `${text}\n`,
          apply: `echo ${text} >${folder}/o`,
        })
      const result = await converge([set('one'), set('two')])
      assert.is(result.result, 'failed')
      assert.match(
        `${result.error?.message} ${result.error?.next}`,
        /raw one: applied 2 times and undone again.*conflicts with.*raw two/,
      )
    }))

  test('the first failure ends the batch, and the payloads behind it do not reach the shell', () =>
    withEngine(name, async ({ folder, converge }) => {
      const big = Buffer.alloc(3e6, 'x')
      const bad = rawOperation({
        name: 'bad',
        probe: 'echo n',
        want: 'y',
        apply: 'echo "disk on fire" >&2; exit 7',
        stdin: big,
      })
      const result = await converge([
        fileExists(`${folder}/first`),
        bad,
        fileExists(`${folder}/never`, { stdin: big }),
      ])
      assert.equal(
        [result.result, listOutcomes(result)],
        ['failed', ['changed', 'failed', 'not-reached']],
      )
      assert.equal(
        [result.error?.message, result.error?.stderr],
        ['raw bad: exit 7', 'disk on fire'],
      )
      assert.not(existsSync(`${folder}/never`))
      assert.equal(listOutcomes(await converge([fileExists(`${folder}/first`)])), ['ok'])
    }))

  test('a change has its own stdin, and what it leaves unread does not reach the next', () =>
    withEngine(name, async ({ folder, converge }) => {
      const ops = [
        fileExists(`${folder}/i`, { stdin: Buffer.alloc(5e6, 65) }),
        fileExists(`${folder}/j`, {
          apply: `cat >${folder}/j`,
          stdin: ['mi', new Secret('ne', 's'), Buffer.from('\n')],
        }),
      ]
      assert.equal(
        [(await converge(ops)).result, readFileSync(`${folder}/j`, 'utf8')],
        ['ok', 'mine\n'],
      )
    }))

  test('a change over its deadline is ended with all its children; the shell lives on', () =>
    withEngine(name, async ({ converge, folder }) => {
      const own = process.pid // another run of this test on this machine has sleeps of its own
      const hang = rawOperation({
        name: 'hang',
        probe: 'echo n',
        want: 'y',
        apply: `trap '' TERM; sleep 61.${own} & sleep 62.${own}; sleep 63.${own}`,
        stdin: Buffer.alloc(1e5),
        seconds: 1,
      })
      const result = await converge([hang])
      assert.match(result.error?.message ?? '', /raw hang: not done within 1 s, and ended/)
      const left = readdirSync('/proc').filter(
        pid => /^\d+$/.test(pid) && read(`/proc/${pid}/cmdline`).includes(`.${own}\0`),
      )
      assert.equal(left, [])
      assert.equal(listOutcomes(await converge([fileExists(`${folder}/x`)])), ['changed'])
    }))

  test('a probe that hangs is named; the others still report', () =>
    withEngine(name, async ({ folder, converge }) => {
      const result = await converge([
        rawOperation({ name: 'hang', probe: 'sleep 64', want: 'y', apply: 'true' }),
        fileExists(`${folder}/x`),
      ])
      assert.match(result.error?.message ?? '', /raw hang: cannot be read: the probe hung/)
      assert.equal(listOutcomes(result), ['failed', 'not-reached'])
    }))

  test('nothing that a fragment does or prints disturbs the others', () =>
    withEngine(name, async ({ folder, converge }) => {
      writeFileSync(`${folder}/fine`, '')
      for (const probe of HOSTILE) {
        let seen = 'nothing'
        const hostile: Operation = {
          ...rawOperation({ name: 'hostile', probe: 'true', want: '', apply: '' }),
          probe: rawSh(probe),
          decide: out => {
            seen = `${out.exitCode}`
            return null
          },
        }
        const result = await converge([hostile, fileExists(`${folder}/fine`)])
        assert.equal([result.result, listOutcomes(result)], ['ok', ['ok', 'ok']], probe)
        assert.match(seen, /^\d+$/, probe)
      }
    }))

  test('bytes come as they are: 10 MB, NUL, invalid UTF-8, text that looks like a frame', () =>
    withEngine(name, async ({ converge }) => {
      const got: Buffer[] = []
      const probe = (text: string): Operation => ({
        ...rawOperation({ name: text, probe: text, want: '', apply: '' }),
        decide: out => {
          got.push(out.stdout)
          return null
        },
      })
      await converge([
        probe('dd if=/dev/zero bs=65536 count=160 2>/dev/null'),
        probe(`printf '\\000\\377\\001bin\\n\\n'`),
        probe(`printf 'data p0\\n0\\nend\\nwhole x\\n'`),
      ])
      assert.equal([got[0]?.length, got[0]?.every(byte => byte === 0)], [160 * 65536, true])
      assert.equal(
        [got[1]?.toString('latin1'), got[2]?.toString()],
        ['\0\xff\x01bin\n\n', 'data p0\n0\nend\nwhole x\n'],
      )
    }))

  test('output that still grows while it is sent is taken as it was', () =>
    withEngine(name, async ({ converge, folder }) => {
      const grows = rawOperation({
        name: 'grows',
        probe:
          '(i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo $i; done) & dd if=/dev/zero bs=65536 count=20 2>/dev/null',
        want: '',
        apply: '',
      })
      writeFileSync(`${folder}/x`, '')
      const result = await converge([{ ...grows, decide: () => null }, fileExists(`${folder}/x`)])
      assert.equal([result.result, listOutcomes(result)], ['ok', ['ok', 'ok']])
    }))

  test('a stop request lets the running change end and starts no other', () =>
    withEngine(name, async ({ folder, converge }) => {
      const ops = [
        fileExists(`${folder}/1`, { apply: `: >${folder}/1; : >"$d/stop"` }),
        fileExists(`${folder}/2`),
      ]
      const result = await converge(ops)
      assert.equal(
        [result.result, listOutcomes(result), existsSync(`${folder}/2`)],
        ['interrupted', ['changed', 'not-reached'], false],
      )
    }))

  test('a disruptive change is refused unless it is allowed', () =>
    withEngine(name, async ({ folder, converge }) => {
      const op = {
        ...fileExists(`${folder}/d`),
        decide: rawOperation({
          name: 'd',
          probe: '',
          want: 'there\n',
          apply: `: >${folder}/d`,
          disruptive: 'restarts Docker',
        }).decide,
      }
      const refused = await converge([op])
      assert.match(
        `${refused.error?.message} ${refused.error?.next}`,
        /refused: restarts Docker give --allow-disruption/,
      )
      assert.not(existsSync(`${folder}/d`))
      assert.equal(listOutcomes(await converge([op], { allowDisruption: true })), ['changed'])
    }))

  test("another host's value is awaited; a refusal is an error, and check calls it unknown", () =>
    withEngine(name, async ({ folder, converge }) => {
      const taking = (needed: Deferred<string>) =>
        operation('takes', {
          name: () => folder,
          probe: () => sh`if [ -e ${folder}/t ]; then echo there; else echo absent; fi`,
          read: out => out.stdout.toString(),
          plan: now => {
            const value = needed.get()
            return now === 'there\n'
              ? null
              : value instanceof Unknown
                ? value
                : {
                    diff: [{ key: 't', before: null, after: 'there' }],
                    apply: sh`cat >${folder}/t`,
                    stdin: value,
                  }
          },
        })({})
      const refused = new Deferred<string>('the token of one')
      setTimeout(() => refused.reject('one failed'), 50)
      assert.equal(listOutcomes(await converge([taking(refused)], { check: true })), ['unknown'])
      const failed = await converge([taking(refused)])
      assert.match(failed.error?.message ?? '', /the token of one: one failed/)
      const given = new Deferred<string>('the token of one')
      setTimeout(() => given.provide('abc'), 50)
      const result = await converge([taking(given)])
      assert.equal(
        [result.result, result.trips, readFileSync(`${folder}/t`, 'utf8')],
        ['ok', 2, 'abc'],
      )
      const alone = await converge([taking(new Deferred<string>('x'))], { isProvided: () => false })
      assert.equal(listOutcomes(alone), ['ok'])
    }))

  test('a shell that dies is opened again, and what was in flight is looked at, not assumed', () =>
    withEngine(name, async ({ folder, converge, events }) => {
      const connects = { count: 0 }
      const session = new Session(localReach(name, connects))
      const dies = fileExists(`${folder}/1`, { apply: `: >${folder}/1; kill -9 $$` })
      const result = await converge([dies, fileExists(`${folder}/2`)], {
        shell: () => session.shell(),
      })
      await session.end()
      assert.equal(
        [result.result, existsSync(`${folder}/1`), existsSync(`${folder}/2`), connects.count],
        ['ok', true, true, 2],
      )
      assert.ok(
        events.some(
          event =>
            event.type === 'note' &&
            /the link was lost while raw .*\/1 was running/.test(event.text),
        ),
      )
    }))

  test('the shell dies and root is lost: the report has what was in flight, and the cause', () =>
    withEngine(name, async ({ folder, converge, events }) => {
      const here = localReach(name)
      let opened = 0
      const rootShell: Connector['rootShell'] = connection =>
        opened++ === 0
          ? here.rootShell(connection)
          : Promise.reject(new BecomeError('here', 'wrong sudo password', 'Type it anew.'))
      const session = new Session({ ...here, rootShell })
      const ops = [
        fileExists(`${folder}/0`),
        fileExists(`${folder}/1`, { apply: `: >${folder}/1; kill -9 $$` }),
        fileExists(`${folder}/2`),
      ]
      const result = await converge(ops, { shell: () => session.shell() })
      await session.end()
      assert.equal(
        [result.result, result.trips, listOutcomes(result)],
        ['failed', 2, ['in-flight', 'in-flight', 'not-reached']],
      )
      assert.equal(result.error, { message: 'here: wrong sudo password', next: 'Type it anew.' })
      assert.is(events.filter(({ type }) => type === 'op-settled').length, 3)
    }))

  test('a stop request while it waits for its turn: nothing that disturbs is begun', () =>
    withEngine(name, async ({ folder, converge }) => {
      const stop = { requested: false }
      const disturbs = rawOperation({
        name: 'd',
        probe: `if [ -e ${folder}/d ]; then echo there; else echo absent; fi`,
        want: 'there\n',
        apply: `: >${folder}/d`,
        disruptive: 'restarts Docker',
      })
      const well: boolean[] = []
      const inTurn: DisruptionQueue = async work => {
        stop.requested = true // another host was being disturbed, and then came the Ctrl-C
        well.push(await work())
        return null
      }
      const result = await converge([disturbs], { allowDisruption: true, stop, inTurn })
      assert.equal(
        [result.result, listOutcomes(result), existsSync(`${folder}/d`), well],
        ['interrupted', ['not-reached'], false, [true]],
      )
    }))

  test('a folder for output that is gone is made anew elsewhere', () =>
    withEngine(name, async ({ converge }) => {
      const gone = rawOperation({ name: 'gone', probe: 'rm -rf "$d/s"', want: '', apply: '' })
      const result = await converge([gone])
      assert.equal([result.result, result.trips, listOutcomes(result)], ['ok', 1, ['ok']])
    }))

  test('a probe that moves each time gets its change, named; one as wanted holds up none', () =>
    withEngine(name, async ({ folder, converge, events }) => {
      const count = `echo x >>${folder}/count; wc -l <${folder}/count`
      const moving = (file: string): Operation => ({
        ...rawOperation({
          name: file,
          probe: `${count}; ls ${folder}/${file} 2>/dev/null`,
          want: '',
          apply: '',
        }),
        decide: out =>
          out.stdout.includes(file)
            ? null
            : {
                diff: [{ key: file, before: null, after: 'there' }],
                apply: sh`: >${folder}/${file}`,
              },
      })
      const calm: Operation = { ...moving('calm'), decide: () => null }
      const result = await converge([
        fileExists(`${folder}/first`),
        calm,
        moving('one'),
        moving('two'),
        fileExists(`${folder}/last`),
      ])
      assert.equal(
        [result.error, listOutcomes(result)],
        [undefined, ['changed', 'ok', 'changed', 'changed', 'changed']],
      )
      const notes = events.flatMap(event => (event.type === 'note' ? [event.text] : []))
      assert.equal(
        notes.map(text => text.split(':')[0]),
        ['raw one', 'raw two'],
      )
    }))

  test('what does not settle is named', () =>
    withEngine(name, async ({ folder, converge }) => {
      const restless = fileExists(`${folder}/x`, { needs: `${folder}/never` })
      const first = rawOperation({ name: 'first', probe: 'echo no', want: 'x', apply: ':' })
      let asked = 0
      const result = await converge(
        [
          {
            ...first,
            decide: () =>
              asked++ % 2
                ? null
                : first.decide(
                    { exitCode: 0, stdout: Buffer.from('no'), stderr: '' },
                    { pending: () => false },
                  ),
          },
          restless,
        ],
        { maxRounds: 2 },
      )
      assert.is(result.result, 'failed')
      assert.match(result.error?.message ?? '', /raw /)
    }))

  test.run()
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // the process has ended meanwhile
  }
}

/**
 * Fragments that break naive runners: each in its own subshell, none may reach the channel or the
 * next operation.
 */
const HOSTILE = [
  'exit 3',
  'cd /; echo ok',
  'set -e; false; echo ok',
  'if [',
  'echo "unbalanced',
  `echo 'a`,
  'cat <<X\nno end',
  'cat',
  'read x; echo "[$x]"',
  'exec >/dev/null; echo gone',
  'trap "echo T" 0; umask 0; IFS=:; PATH=; echo ok',
  'set',
  'f=1; d=/; r=9; w=; go=no; echo ok',
  'return 5',
  'break; echo ok',
  'dd() { :; }; run() { :; }; alias echo=false; echo ok',
  'ulimit -n 3; exec 3>&1; echo ok',
  'exec 0<&- 1>&- 2>&-',
  '# comment only',
  'echo \\',
  '}',
  ')',
  ') ; echo out; (',
  'sleep 9 & echo ok',
  '(sleep 3; echo LATE) & echo ok',
  'unset d; echo ok',
  'stty -a; tty; echo ok',
  'wait; echo ok',
  'exec sleep 0',
  'printf "end\\nhello x\\n" >&2',
]
