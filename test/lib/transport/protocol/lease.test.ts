import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConvergeResult, converge } from '../../../../lib/converge/converge.ts'
import type { Operation } from '../../../../lib/operation.ts'
import { Session } from '../../../../lib/transport/session.ts'
import { waitUntil } from '../../../support/run-playbook.ts'
import { localReach, openShell, SHELLS, selectShells } from '../../../support/shells.ts'
import { fileExists } from '../../../support/with-engine.ts'

type Shells = ReturnType<typeof openShell>

type Desk = {
  /** An empty folder, and the path of the lease in it. */
  readonly folder: string
  readonly lease: string
  /** `tools`: a folder of programs that go before those of the host. */
  readonly open: (tools?: string) => Shells
  /** Makes a file through this shell, under the lease, for this run; `apply` is what makes it. */
  readonly make: (at: Shells, who: string, file: string, apply?: string) => Promise<ConvergeResult>
}

const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
const startOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? ''
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined
const gone = (path: string): Promise<void> =>
  waitUntil('the lease is given back', () => !isThere(path))

for (const name of SHELLS) {
  const test = suite(`lease in ${name}`)

  const desk = async (body: (desk: Desk) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-lease-'))
    const lease = join(folder, 'run/lease')
    const opened: Shells[] = []
    const make: Desk['make'] = ({ shell }, who, file, apply) => {
      const op: Operation = fileExists(join(folder, file), apply === undefined ? {} : { apply })
      return converge([op], { host: 'here', shell: async () => shell, lease: { path: lease, who } })
    }
    try {
      const start = (tools?: string) => {
        const shells = openShell(name, tools)
        opened.push(shells)
        return shells
      }
      await body({ folder, lease, open: start, make })
    } finally {
      for (const { shell } of opened) shell.drop()
      rmSync(folder, { recursive: true, force: true })
    }
  }

  test('it names the shell, its start, its session, the boot and the run, until the end', () =>
    desk(async ({ lease, open, make }) => {
      const one = open()
      assert.is((await make(one, "ann@here it's 1", 'a')).result, 'ok')
      const [pid, start, session, , booted, ...who] = readlinkSync(lease).split(' ')
      assert.equal(
        [pid, session, booted, who.join(' ')],
        [`${one.child.pid}`, `${one.child.pid}`, boot, "ann@here it's 1"],
      )
      assert.is(start, startOf(one.child.pid ?? 0))
      await one.shell.end()
      await gone(lease)
    }))

  test('a second run is told who holds it, and changes nothing; afterwards it may', () =>
    desk(async ({ folder, lease, open, make }) => {
      const [one, two] = [open(), open()]
      await make(one, 'ann x 1', 'a')
      const held = await make(two, 'bob x 2', 'b')
      assert.is(
        held.error?.message,
        `this host is being changed by another run: process ${one.child.pid} ann x 1`,
      )
      assert.equal([held.result, existsSync(join(folder, 'b'))], ['failed', false])
      await one.shell.end()
      await gone(lease)
      assert.is((await make(two, 'bob x 2', 'b')).result, 'ok')
    }))

  test('a host that is as wanted needs no lease', () =>
    desk(async ({ folder, open, make }) => {
      const [one, two] = [open(), open()]
      await make(one, 'ann x 1', 'a')
      writeFileSync(join(folder, 'b'), '')
      assert.is((await make(two, 'bob x 2', 'b')).result, 'ok')
    }))

  test('another run waits for what a killed shell began, and for nothing longer', () =>
    desk(async ({ folder, open, make }) => {
      const [one, two] = [open(), open()]
      const dying = make(one, 'ann x 1', 'a', `: >${folder}/begun; sleep 2; : >${folder}/a`)
      await waitUntil('the change runs', () => existsSync(join(folder, 'begun')))
      process.kill(one.child.pid ?? 0, 'SIGKILL')
      await dying
      const next = await make(two, 'bob x 2', 'b', `[ -e ${folder}/a ] && : >${folder}/b`)
      assert.is(next.result, 'ok', JSON.stringify(next.error))
    }))

  const dead: Record<string, (pid: number) => string> = {
    'a process that is gone': () => `999999 1 999999 1 ${boot} ann x 1`,
    'a process of another boot': pid =>
      `${pid} ${startOf(pid)} ${pid} ${startOf(pid)} 00000000-0000-0000-0000-000000000000 ann x 1`,
    'another process with the same id': pid => `${pid} 1 999999 1 ${boot} ann x 1`,
    'another session with the same id': pid => `999999 1 ${pid} 1 ${boot} ann x 1`,
  }
  for (const [title, text] of Object.entries(dead))
    test(`${title} holds nothing`, () =>
      desk(async ({ lease, open, make }) => {
        const [one, other] = [open(), open()]
        mkdirSync(join(lease, '..'))
        symlinkSync(text(other.child.pid ?? 0), lease)
        assert.is((await make(one, 'bob x 2', 'b')).result, 'ok')
        assert.match(readlinkSync(lease), / bob x 2$/)
      }))

  const foreign: Record<string, string> = {
    'of two words': 'some text',
    'of no words': '.',
    'of six words that are no numbers': 'a b c d e f',
    'whose boot could not be read': '1 2 3 4 ann x 1',
    'whose start could not be read': `1 1 1 ${boot} ann x 1`,
    'with signs that a shell expands': '* ? [a] $(touch x) `id` \\ "',
  }
  for (const [title, text] of Object.entries(foreign))
    test(`a lease ${title} is foreign: it is named, left alone, and nothing is changed`, () =>
      desk(async ({ folder, lease, open, make }) => {
        mkdirSync(join(lease, '..'))
        symlinkSync(text, lease)
        const { error } = await make(open(), 'bob x 2', 'b')
        assert.is(error?.message, `the lease of this host is not one of ours: ${lease}: ${text}`)
        assert.is(error?.next, 'if nothing changes this host just now, remove it there')
        assert.equal([readlinkSync(lease), existsSync(join(folder, 'b'))], [text, false])
      }))

  test('a folder, a file or a link to a folder in its place is foreign too', () =>
    desk(async ({ folder, lease, open, make }) => {
      for (const put of [
        () => mkdirSync(lease, { recursive: true }),
        () => writeFileSync(lease, 'text'),
        () => symlinkSync(folder, lease),
      ]) {
        put()
        const { error } = await make(open(), 'bob x 2', 'b')
        assert.match(error?.message ?? '', /^the lease of this host is not one of ours: /)
        assert.not(existsSync(join(folder, 'b')))
        rmSync(lease, { recursive: true })
      }
      assert.is((await make(open(), 'bob x 2', 'b')).result, 'ok')
    }))

  test('of four that find a dead one at the same moment, one has it', () =>
    desk(async ({ folder, lease, open, make }) => {
      mkdirSync(join(lease, '..'))
      symlinkSync(`999999 1 999999 1 ${boot} ann x 1`, lease)
      let refused = 0
      const results = await Promise.all(
        [1, 2, 3, 4].map(async i => {
          const waits = `while [ ! -e ${folder}/go ]; do sleep 0.1; done; : >${folder}/${i}`
          const { result, error } = await make(open(), `bob${i} x 2`, `${i}`, waits)
          if (error) refused++
          if (refused === 3) writeFileSync(join(folder, 'go'), '')
          return error ? error.message.replace(/: process.*/, '') : result
        }),
      )
      const held = 'this host is being changed by another run'
      assert.equal(results.sort(), ['ok', held, held, held])
      assert.equal(readdirSync(join(lease, '..')), ['lease'])
    }))

  test('the same run waits for its own earlier shell, whose link was lost', () =>
    desk(async ({ folder, open, make }) => {
      const [one, two] = [open(), open()]
      const first = make(one, 'ann x 1', 'a', `: >${folder}/begun; sleep 2; echo a >>${folder}/a`)
      await waitUntil('the change runs', () => existsSync(join(folder, 'begun')))
      process.kill(one.child.pid ?? 0, 'SIGKILL')
      const second = await make(two, 'ann x 1', 'a', `echo again >>${folder}/a`)
      await first
      assert.is(second.result, 'ok', JSON.stringify(second.error))
      assert.is(
        readFileSync(join(folder, 'a'), 'utf8'),
        'a\n',
        'what was in flight was not applied again',
      )
    }))

  test('a run whose lease another has taken ends, and names it', () =>
    desk(async ({ folder, lease, open, make }) => {
      const one = open()
      await make(one, 'ann x 1', 'a')
      rmSync(lease)
      symlinkSync(`1 1 1 1 ${boot} bob x 2`, lease)
      const lost = await make(one, 'ann x 1', 'b')
      assert.match(lost.error?.message ?? '', /another run took this host over: 1 1 1 1 .* bob x 2/)
      assert.not(existsSync(join(folder, 'b')))
      await one.shell.end()
      assert.ok(isThere(lease), 'the lease of the other stays')
    }))

  test('a lease that another run has taken over stays when the shell ends', () =>
    desk(async ({ lease, open, make }) => {
      const one = open()
      await make(one, 'ann x 1', 'a')
      rmSync(lease)
      symlinkSync(`1 1 1 1 ${boot} bob x 2`, lease)
      await one.shell.end()
      assert.is(readlinkSync(lease), `1 1 1 1 ${boot} bob x 2`)
    }))

  if (selectShells(['cat', 'id', 'ln']).includes(name)) {
    /** A program that does this instead of what it is there for. */
    const put = (folder: string, tool: string, does: string): string => {
      const tools = join(folder, 'tools')
      mkdirSync(tools)
      writeFileSync(join(tools, tool), `#!/bin/sh\nPATH=/usr/bin:/bin\n${does}\n`)
      chmodSync(join(tools, tool), 0o755)
      return tools
    }

    test('a program that is ended meanwhile does not take a word of the lease away', () =>
      desk(async ({ folder, lease, open, make }) => {
        const one = open(
          put(folder, 'cat', 'case $1 in */boot_id) kill -KILL $$;; esac; exec cat "$@"'),
        )
        assert.is((await make(one, 'ann x 1', 'a')).result, 'ok')
        assert.is(readlinkSync(lease).split(' ')[4], boot)
      }))

    test('who does not know its own words takes none, and says what to do', () =>
      desk(async ({ folder, lease, open, make }) => {
        const home = process.env['HOME']
        process.env['HOME'] = folder
        try {
          const one = open(put(folder, 'id', 'kill -KILL $$'))
          const { error } = await make(one, 'ann x 1', 'a')
          assert.match(error?.message ?? '', /could not be taken: for whom is not known \(user , /)
          assert.match(error?.next ?? '', /^start again; /)
          assert.equal([isThere(lease), existsSync(join(folder, 'a'))], [false, false])
        } finally {
          process.env['HOME'] = home
        }
      }))

    test('a lease that is there although ln was ended is not waited for', () =>
      desk(async ({ folder, lease, open, make }) => {
        const one = open(put(folder, 'ln', `ln "$@" && : >${folder}/linked; kill -KILL $$`))
        const making = make(one, 'ann x 1', 'a')
        await waitUntil('it is made', () => existsSync(join(folder, 'a')))
        assert.is((await making).result, 'ok')
        assert.match(readlinkSync(lease), / ann x 1$/)
      }))
  }

  test('where it cannot be written, nothing is changed, and the reason is told', () =>
    desk(async ({ folder, lease, open, make }) => {
      writeFileSync(join(lease, '..'), 'a file')
      const refused = await make(open(), 'ann x 1', 'a')
      assert.is(
        refused.error?.message,
        `the lease of this host could not be taken: cannot write ${lease}`,
      )
      assert.not(existsSync(join(folder, 'a')))
    }))

  test('an interruption ends the wait for its own earlier shell', () =>
    desk(async ({ folder, lease, open, make }) => {
      const one = open()
      await make(one, 'ann x 1', 'a')
      const session = new Session(localReach(name))
      const stop = { requested: false }
      const waiting = converge([fileExists(join(folder, 'b'))], {
        host: 'here',
        shell: () => session.shell(),
        lease: { path: lease, who: 'ann x 1' },
        stop,
        emit: event => {
          if (event.type !== 'round-started' || event.changes === 0) return
          setTimeout(() => {
            stop.requested = true
            void session.interrupt('stop')
          }, 1500)
        },
      })
      const result = await waiting
      await session.end()
      assert.equal(
        [result.result, result.outcomes.map(({ is }) => is)],
        ['interrupted', ['not-reached']],
      )
    }))

  test('shells that are ended leave no folder behind', () =>
    desk(async ({ open, make }) => {
      const one = open()
      await make(one, 'ann x 1', 'a')
      await one.shell.end()
      assert.is(
        execFileSync('sh', ['-c', `ls -d /dev/shm/brd.${one.child.pid}.* 2>/dev/null || :`], {
          encoding: 'utf8',
        }),
        '',
      )
    }))

  test.run()
}
