import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../../lib/converge/converge.ts'
import type { EventBody } from '../../../../lib/events.ts'
import { openRemote } from '../../../../lib/run/remote/remote.ts'
import { sh } from '../../../../lib/sh.ts'
import { probe } from '../../../../lib/transport/protocol/probe.ts'
import { runCommand } from '../../../../lib/transport/protocol/run-command.ts'
import { killRunning } from '../../../../lib/transport/protocol/script.ts'
import { NoRoom } from '../../../../lib/transport/protocol/unfit-host.ts'
import { Session } from '../../../../lib/transport/session.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import { waitUntil } from '../../../support/run-playbook.ts'
import { localReach, openShell, SHELLS } from '../../../support/shells.ts'
import { fileExists, listOutcomes, rawOperation, withEngine } from '../../../support/with-engine.ts'

const MIB = 1024 * 1024
/** Prints 200 MB. */
const flood = 'dd if=/dev/zero bs=1000000 count=200 2>/dev/null'
/** Prints the KiB of the scratch folders. */
const size = 'du -skc "$d" "$o" | tail -n 1 | cut -f 1'

for (const name of SHELLS) {
  const test = suite(`output in ${name}`)
  let kib = 0

  test('a probe that prints without end is named; the others report, and memory stays flat', () =>
    withEngine(name, async ({ folder, converge }) => {
      const loud = rawOperation({ name: 'loud', probe: flood, want: '', apply: 'true' })
      const left = rawOperation({ name: 'left', probe: size, want: 'x', apply: 'true' })
      const result = await converge([
        loud,
        {
          ...left,
          decide: ({ stdout }) => {
            kib = Number(stdout)
            return null
          },
        },
        fileExists(`${folder}/x`),
      ])
      assert.match(
        result.error?.message ?? '',
        /^raw loud: cannot be read: the probe's answer is not whole: it printed more than 32 MiB/,
      )
      assert.equal(listOutcomes(result), ['failed', 'ok', 'not-reached'])
      assert.ok(kib < 1024, `${kib} KiB of it were kept`)
    }))
  test('a probe of the most bytes is read whole; with one more, nothing is taken', async () => {
    const { shell } = openShell(name)
    const print = (bytes: number) => sh`dd if=/dev/zero bs=${bytes / 2} count=2 2>/dev/null; :`
    const [most, more] = await probe(shell, [
      { fragment: print(32 * MIB - 2), seconds: 30 },
      { fragment: print(32 * MIB + 2), seconds: 30 },
    ])
    assert.equal([most?.stdout.length, most?.cut], [32 * MIB - 2, undefined])
    assert.match(more?.cut ?? '', /more than 32 MiB/)
    await shell.end()
  })

  test('a change that prints 200 MB is done; one that fails shows its end', () =>
    withEngine(name, async ({ folder, converge }) => {
      const told = `${folder}/told`
      const op = fileExists(`${folder}/x`, { apply: `${flood}; ${size} >${told}; : >${folder}/x` })
      assert.equal(listOutcomes(await converge([op])), ['changed'])
      assert.ok(Number(readFileSync(told, 'utf8')) < 24 * 1024, readFileSync(told, 'utf8'))
      const fails = fileExists(`${folder}/y`, { apply: `${flood}; echo; echo the end >&2; exit 3` })
      const { error } = await converge([fails])
      assert.is(error?.message, `raw ${folder}/y: exit 3`)
      assert.match(error?.stderr ?? '', /the end$/)
    }))

  test('a command that prints too much is an error that says so', async () => {
    const { shell } = openShell(name)
    const output = await runCommand(shell, {
      apply: sh`dd if=/dev/zero bs=1000000 count=50`,
      seconds: 60,
    })
    assert.match(output?.cut ?? '', /more than 32 MiB/)
    assert.ok((output?.stdout.length ?? 0) <= 65536)
    await shell.end()
    const session = new Session(localReach(name))
    const { $ } = openRemote({
      session,
      emit: () => {},
      redact: text => text,
      explainSkip: () => null,
    })
    const error = await $`dd if=/dev/zero bs=1000000 count=50`.nothrow().catch(String)
    assert.match(String(error), /printed more than 32 MiB.*write it to a file on the host/)
    const both = await $`echo out; echo err >&2; exit 4`.nothrow()
    assert.equal([both.stdout, both.stderr, both.exitCode], ['out\n', 'err\n', 4])
    await session.end()
  })

  test('what goes on in the background is not waited for, and may still print', () =>
    withEngine(name, async ({ folder, converge }) => {
      const apply = `cd ${folder}; : >x
        { while [ ! -e go ]; do sleep 0.1; done; echo later && echo later && : >printed; } &`
      assert.equal(listOutcomes(await converge([fileExists(`${folder}/x`, { apply })])), [
        'changed',
      ])
      writeFileSync(`${folder}/go`, '')
      await waitUntil('it has printed', () => readdirSync(folder).includes('printed'))
    }))

  test('what a change prints is told while it runs', () =>
    withEngine(name, async ({ folder, converge, events }) => {
      const apply = `echo begun; printf 'caf\\303'; while [ ! -e ${folder}/go ]; do sleep 0.1; done
        printf '\\251\\n'; : >${folder}/x; sleep 2`
      const running = converge([fileExists(`${folder}/x`, { apply })])
      const printed = () =>
        events.flatMap(event => (event.type === 'op-output' ? [event.text] : [])).join('')
      await waitUntil('it is told', () => printed() === 'begun\ncaf')
      writeFileSync(`${folder}/go`, '')
      await running
      assert.is(printed(), 'begun\ncafé\n')
    }))

  test('a deadline and the second Ctrl-C end what a change began in a container', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-in-'))
    // A docker whose client ends alone, as the real one does: exec --env MARK CONTAINER COMMAND…
    const docker = `#!/bin/sh\nmark=$3; shift 4\n(setsid env "$mark" "$@" &)\nsleep 60\n`
    writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 })
    const begin = 'docker exec --env "BRD_OP=$brd_op" db'
    const { shell } = openShell(name, folder)
    const run = (seconds: number, apply: string) =>
      converge([rawOperation({ name: 'in', probe: 'echo n', want: 'y', apply, seconds })], {
        host: 'here',
        shell: async () => shell,
      })
    const sleeping = (time: string) =>
      readdirSync('/proc').filter(pid => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`sleep\0${time}\0`)
        } catch {
          return false // it has ended, or is no process
        }
      })
    const [late, killed] = [`61.${process.pid}`, `62.${process.pid}`]
    const { error } = await run(1, `${begin} sleep ${late}`)
    assert.match(error?.message ?? '', /not done within 1 s, and ended/)
    assert.equal(sleeping(late), [])
    const running = run(60, `${begin} sleep ${killed}`)
    await waitUntil('it runs', () => sleeping(killed).length > 0)
    const second = openShell(name).shell
    await probe(second, [{ fragment: killRunning(shell.dir), seconds: 15 }])
    await running
    assert.equal(sleeping(killed), [])
    for (const one of [second, shell]) await one.end()
    rmSync(folder, { recursive: true })
  })

  /** A folder in memory of this size. */
  const withDisk = async (kib: number, body: (folder: string, far: string) => Promise<void>) => {
    const top = mkdtempSync(join(tmpdir(), 'brd-room-'))
    for (const folder of ['shm', 'far']) mkdirSync(join(top, folder))
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', join(top, 'shm')])
    } catch (error) {
      rmSync(top, { recursive: true })
      skip(`nothing can be mounted here: ${error}`)
    }
    try {
      await body(join(top, 'shm'), join(top, 'far'))
    } finally {
      execFileSync('umount', ['-l', join(top, 'shm')])
      rmSync(top, { recursive: true })
    }
  }

  test('where memory is small or full, output is kept on disk, and nothing is lost', () =>
    withDisk(512, async (shm, far) => {
      const { shell } = openShell(name, undefined, { folders: [shm, far] })
      const events: EventBody[] = []
      const run = (ops: Parameters<typeof converge>[0]) =>
        converge(ops, { host: 'here', shell: async () => shell, emit: event => events.push(event) })
      const file = join(far, '../made')
      const big = rawOperation({
        name: 'big',
        probe: 'dd if=/dev/zero bs=65536 count=48 2>/dev/null; echo end',
        want: '',
        apply: '',
      })
      let bytes = 0
      const result = await run([
        {
          ...big,
          decide: ({ stdout }) => {
            bytes = stdout.length
            return null
          },
        },
        fileExists(file, { apply: `${flood}; : >${file}` }),
      ])
      assert.equal(
        [result.result, listOutcomes(result), bytes],
        ['ok', ['ok', 'changed'], 48 * 65536 + 4],
      )
      assert.equal(listOutcomes(await run([fileExists(file)])), ['ok'])
      await shell.end()
      assert.equal(
        [shm, far].flatMap(folder => readdirSync(folder).filter(entry => entry.startsWith('brd.'))),
        [],
      )
    }))

  test('where neither has room, that is named, and a change that was made is changed', () =>
    withDisk(512, async shm => {
      const { shell } = openShell(name, undefined, { folders: [shm, '/dev/null/x'] })
      const file = join(shm, '../made')
      const run = (ops: Parameters<typeof converge>[0]) =>
        converge(ops, { host: 'here', shell: async () => shell })
      const big = rawOperation({
        name: 'big',
        probe: `[ ! -e ${file} ] || dd if=/dev/zero bs=65536 count=48 2>/dev/null; echo end`,
        want: 'end\n',
        apply: '',
      })
      const result = await run([fileExists(file), big])
      assert.match(result.error?.message ?? '', /raw big: cannot be read: .*no room.*are full/)
      assert.equal(listOutcomes(result), ['changed', 'failed'])
      await shell.end()
    }))

  test('a folder that is absent or cannot be written gives way to the other', async () => {
    const top = mkdtempSync(join(tmpdir(), 'brd-room-'))
    const { shell } = openShell(name, undefined, { folders: ['/dev/null/x', top] })
    const [here] = await probe(shell, [{ fragment: sh`echo here`, seconds: 5 }])
    assert.equal([`${here?.stdout}`, shell.dir.startsWith(`${top}/brd.`)], ['here\n', true])
    await shell.end()
    assert.equal(readdirSync(top), [])
    rmSync(top, { recursive: true })
    const none = openShell(name, undefined, { folders: ['/dev/null/x', '/dev/null/y'] }).shell
    const error = await probe(none, [{ fragment: sh`echo here`, seconds: 5 }]).catch(
      (thrown: unknown) => thrown,
    )
    assert.instance(error, NoRoom)
    assert.match((error as Error).message, /nothing can be written to \/dev\/null\/x or/)
  })

  test.run()
}
