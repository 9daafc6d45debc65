import { spawnSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LEASE, OWN_SECONDS, takeLease } from '../../../../lib/transport/protocol/lease.ts'
import { findPath, findShell, SHELLS } from '../../../support/shells.ts'

/** A process as /proc tells it. No real one has so high an id as those below. */
type Process = {
  readonly pid: number
  /** Default: sh. */
  readonly comm?: string
  readonly parent?: number
  readonly session?: number
  readonly start?: number
  /** Default S: it sleeps. Z has ended, and its parent has not asked for it. */
  readonly state?: string
  /** Default: /proc does not list them. */
  readonly threads?: readonly number[]
}

/** A host on which a shell wants the lease. Its processes are files, and no second passes. */
type Host = {
  /** The text of the lease that is there. */
  readonly is?: string
  readonly processes?: readonly Process[]
  /** The lease that the shell holds from its last round. */
  readonly holds?: boolean
  readonly who?: string
  readonly uid?: number
  /** Shell that runs beforehand, with $l for the path of the lease and $proc for /proc. */
  readonly before?: string
  /** Shell that runs at each second that is waited, $t, which begin with 1. */
  readonly meanwhile?: string
  /** Seconds for which an earlier shell is waited for. */
  readonly later?: number
  /** What is there beside the lease afterwards. Default nothing. */
  readonly beside?: readonly string[]
}

/** What became of it. `SHELL` in a lease is the shell that wanted it. */
type Taken = {
  readonly told: readonly string[]
  readonly is: string | null
  /** The round goes on; otherwise why it does not. */
  readonly go: string
  /** The shell gives the lease back at its end. */
  readonly holds: boolean
  readonly seconds: number
}

/** The boot of the host. */
const BOOT = '0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d'
/** What /proc tells between the session of a process and its start. */
const TICKS = Array.from({ length: 15 }, (_, i) => `${100 + i}`).join(' ')
/** Seconds for which an earlier shell is waited for here. */
const LATER = 5

const place = suite('the place of the lease')
place('a reboot takes it along, as it does its holder', () => {
  assert.match(LEASE, /^\/run\/./)
})
place.run()

for (const name of SHELLS) {
  const test = suite(`the lease by its words in ${name}`)

  const take = ({
    is,
    processes = [],
    holds = false,
    who = 'ann x 1',
    uid = 0,
    before = '',
    meanwhile = '',
    later = LATER,
    beside = [],
  }: Host): Taken => {
    const folder = mkdtempSync(join(tmpdir(), 'brd-words-'))
    const proc = join(folder, 'proc')
    const lease = join(folder, uid === 0 ? 'run/lease' : '.brd/lease')
    const write = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    write(join(proc, 'sys/kernel/random/boot_id'), `${BOOT}\n`)
    for (const one of processes) {
      const { pid, comm = 'sh', parent = 1, session = pid, start = 0, state = 'S' } = one
      for (const thread of one.threads ?? []) write(join(proc, `${pid}/task/${thread}/comm`), comm)
      write(
        join(proc, `${pid}/stat`),
        `${pid} (${comm} (x) y) ${state} ${parent} 7 ${session} ${TICKS} ${start} 8 9\n`,
      )
      write(join(proc, `${pid}/comm`), `${comm}\n`)
    }
    if (is !== undefined) {
      mkdirSync(dirname(lease), { recursive: true })
      symlinkSync(is, lease)
    }
    const text = takeLease(join(folder, 'run/lease'), who)
      .text.replaceAll('/proc/', `${proc}/`)
      .replaceAll(`${OWN_SECONDS}`, `${later}`)
    // Whoever tries for ever is ended: nothing here takes time.
    const script = `d=${folder} l=${lease} proc=${proc} go=yes t=0 HOME=${folder}
      lease=${holds ? '$l' : ''}
      mkdir $proc/$$
      echo "$$ (sh) S 1 7 9000077 ${TICKS} 4242 8" >$proc/$$/stat
      id() { echo ${uid}; }
      sleep() { t=$((t+$1)); [ $t -lt 99 ] || exit; ${meanwhile || ':'}; }
      ln() { tries=x$tries; [ \${#tries} -lt 99 ] || exit; command ln "$@"; }
      ${before}
      ${text}
      echo "ends $go $t $lease"; echo $$`
    const { stdout } = spawnSync(findShell(name), ['-c', script], {
      encoding: 'utf8',
      env: { PATH: findPath(name) },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const lines = stdout.trim().split('\n')
    const pid = lines.pop() ?? ''
    const [, go = '', seconds, held] = /^ends (\S+) (\d+) (\S*)$/.exec(lines.pop() ?? '') ?? []
    const there = statSync(dirname(lease), { throwIfNoEntry: false })?.isDirectory()
      ? readdirSync(dirname(lease))
      : []
    const left =
      there.includes('lease') && lstatSync(lease).isSymbolicLink()
        ? readlinkSync(lease).replace(new RegExp(`^${pid} `), 'SHELL ')
        : null
    rmSync(folder, { recursive: true })
    assert.equal(
      there.filter(file => file !== 'lease'),
      beside,
      'what is beside the lease',
    )
    return {
      told: lines.map(line =>
        line.replaceAll(lease, 'LEASE').replace(`shell ${pid} `, 'shell SHELL '),
      ),
      is: left,
      go,
      holds: held === lease,
      seconds: Number(seconds),
    }
  }
  /** Puts the shell's own lease there, as its last round did. */
  const HELD = `mkdir $d/run; ln -s "$$ 4242 9000077 0 ${BOOT} ann x 1" $l`
  const OURS = `SHELL 4242 9000077 0 ${BOOT} ann x 1`
  const ours = (seconds = 0) => ({ told: [], is: OURS, go: 'yes', holds: true, seconds })

  test('a free lease is taken, by root and by others', () => {
    assert.equal(take({}), ours())
    assert.equal(take({ uid: 1000 }), ours())
    assert.equal(take({ processes: [{ pid: 9000077, start: 6 }] }), {
      ...ours(),
      is: `SHELL 4242 9000077 6 ${BOOT} ann x 1`,
    })
  })

  const lose = (is: string, told: string, more: Partial<Taken> = {}): Taken => ({
    told: [`held ${told}`],
    is,
    go: 'held',
    holds: false,
    seconds: 0,
    ...more,
  })

  test('a shell that holds it goes on; one that lost it says who has it, and keeps off', () => {
    assert.equal(take({ holds: true, before: HELD }), ours())
    const other = `5 6 5 6 ${BOOT} bob x 2`
    assert.equal(take({ holds: true, is: other }), lose(other, `lost ${other}`))
  })

  const BOB = `9000050 6 9000040 5 ${BOOT} bob x 2`
  /** bob's run: his controller's link, the login's shell, and the shell that holds the lease. */
  const link: Process = { pid: 9000030, comm: 'sshd' }
  const login: Process = { pid: 9000040, start: 5, parent: 9000030 }
  const shell: Process = { pid: 9000050, start: 6, parent: 9000040, session: 9000040 }

  test('a live run has it, and is not waited for', () => {
    assert.equal(take({ is: BOB, processes: [link, login, shell] }), lose(BOB, '9000050 bob x 2'))
  })

  test('what a dead run has left holds nothing, and is taken', () => {
    for (const [why, processes, is = BOB] of [
      ['no process of it lives', []],
      ['its process has another start', [{ ...shell, start: 7, session: 9000050 }]],
      ['its session is another', [{ ...login, start: 7 }]],
      [
        'it has ended, and its parent has not asked for it',
        [link, { ...shell, state: 'Z', session: 9000050 }],
      ],
      [
        'and /proc lists itself alone',
        [link, { ...shell, state: 'Z', threads: [shell.pid], session: 1 }],
      ],
      [
        'what it began has ended too',
        [
          { ...login, state: 'Z' },
          { ...shell, state: 'Z' },
        ],
      ],
      ['it is of another boot', [link, login, shell], BOB.replace('0a1b', 'ffff')],
    ] as readonly (readonly [string, readonly Process[], string?])[])
      assert.equal(take({ is, processes }), ours(), why)
  })

  test('a process that has ended, of which a thread goes on, holds it', () => {
    const threads = [shell.pid, 9000051]
    assert.equal(
      take({ is: BOB, processes: [link, login, { ...shell, state: 'Z', threads }] }),
      lose(BOB, '9000050 bob x 2'),
    )
  })

  test('what a killed shell has begun is waited for, by any run, and that is told once', () => {
    const begun = { pid: 9000060, comm: 'dpkg', session: 9000040 }
    const waits = {
      is: BOB,
      processes: [login, begun],
      meanwhile: '[ $t != 3 ] || rm -r $proc/9000060 $proc/9000040',
    }
    assert.equal(take(waits), { ...ours(3), told: ['waiting 9000050 bob x 2'] })
    assert.equal(
      take({ ...waits, processes: [begun] }),
      { ...ours(3), told: ['waiting 9000050 bob x 2'] },
      'the login has ended too',
    )
    assert.equal(
      take({ ...waits, meanwhile: '' }),
      lose(BOB, '9000050 bob x 2', {
        told: ['waiting 9000050 bob x 2', 'held 9000050 bob x 2'],
        seconds: LATER - 1,
      }),
      'but not for ever',
    )
    assert.is(take({ ...waits, meanwhile: '', later: 40 }).seconds, 39)
  })

  test('a shell whose controller is gone is waited for, whatever shells are above it', () => {
    const told = ['waiting 9000050 bob x 2', 'held 9000050 bob x 2']
    const seconds = LATER - 1
    for (const comm of [
      'sh',
      'dash',
      'bash',
      'ash',
      'busybox',
      'zsh',
      'fish',
      'ksh93',
      'csh',
      'tcsh',
      'sudo',
      'env',
    ])
      assert.equal(
        take({ is: BOB, processes: [{ ...login, parent: 1, comm }, shell] }),
        lose(BOB, '9000050 bob x 2', { told, seconds }),
        comm,
      )
    for (const comm of ['sshd', 'node', 'systemd', 'shd'])
      assert.equal(
        take({ is: BOB, processes: [{ pid: 2, comm }, { ...login, parent: 2 }, shell] }),
        lose(BOB, '9000050 bob x 2'),
        comm,
      )
  })

  test('the same run waits for its own earlier shell, until a stop', () => {
    const waits = { is: BOB, processes: [link, login, shell], who: 'bob x 2' }
    assert.equal(
      take({ ...waits, meanwhile: '[ $t != 2 ] || rm -r $proc/9000040 $proc/9000050' }),
      {
        ...ours(2),
        is: `SHELL 4242 9000077 0 ${BOOT} bob x 2`,
        told: ['waiting 9000050 bob x 2'],
      },
    )
    assert.equal(take({ ...waits, meanwhile: '[ $t != 2 ] || rm $l' }), {
      ...ours(2),
      is: `SHELL 4242 9000077 0 ${BOOT} bob x 2`,
      told: ['waiting 9000050 bob x 2'],
    })
    assert.equal(take({ ...waits, meanwhile: '[ $t != 2 ] || : >$d/stop' }), {
      told: ['waiting 9000050 bob x 2', 'stopped 0'],
      is: BOB,
      go: 'stopped',
      holds: false,
      seconds: 2,
    })
  })

  test('what is not a lease of ours is named and left alone', () => {
    for (const text of [
      'text',
      '.',
      '* ? [a] ` " ',
      `1 2 3 4 ${BOOT}`,
      '1 2 3 4 bob x 2',
      '1 2 3 4 boot bob x 2',
      `1 2 3 4 ${BOOT}0 bob x 2`,
      `1 2 3 4 ${BOOT.replace('0a', '0x')} bob x 2`,
      ...[0, 1, 2, 3].map(at => ['1', '2', '3', '4', BOOT, 'bob'].with(at, `${at + 1}b`).join(' ')),
    ])
      assert.equal(take({ is: text }), lose(text, `foreign LEASE: ${text}`), text)
    for (const put of [': >$l', 'mkdir $l', 'mkfifo $l']) {
      const { told, go, holds } = take({ before: `mkdir $d/run; ${put}` })
      assert.equal([told, go, holds], [['held foreign LEASE'], 'held', false], put)
    }
  })

  test('what names a run may be a single word', () => {
    const text = `1 2 3 4 ${BOOT} bob`
    assert.equal(take({ is: text, processes: [{ pid: 1, start: 2 }] }).is, text)
  })

  test('where it cannot be written, that is said after a few tries', () => {
    assert.equal(take({ before: ': >$d/run' }), {
      told: ['held cannot write LEASE'],
      is: null,
      go: 'held',
      holds: false,
      seconds: 0,
    })
  })

  test('one that is given back just now is taken, without a word', () => {
    const before = `readlink() { [ ! -e $d/late ] || { command readlink "$@"; return; }
      : >$d/late; rm "$1"; return 1; }`
    assert.equal(take({ is: BOB, processes: [link, login, shell], before }), ours())
  })

  const CID = `9000070 8 9000070 8 ${BOOT} cid x 3`
  const cids: Process = { pid: 9000070, start: 8, parent: 9000030 }

  /** The place for who comes next to a dead lease of bob's, and of cid's. */
  const NEXT = `lease.9000050.6.${BOOT}`
  const AFTER = `lease.9000070.8.${BOOT}`
  /** Something else happens once, before a link beside the lease is made. */
  const before = (happens: string, then = 'command ln "$@"') => `ln() { tries=x$tries
    [ \${#tries} -lt 99 ] || exit
    case $3 in $l.*) [ -e $d/late ] || { : >$d/late; ${happens}; ${then}; return; };; esac
    command ln "$@"; }`

  test('a dead one that somebody has replaced since it was read is not taken', () => {
    const replaced = `rm $l; command ln -s '${CID}' $l`
    for (const then of ['command ln "$@"', 'command ln "$@"; false'])
      assert.equal(
        take({ is: BOB, processes: [link, cids], before: before(replaced, then) }),
        lose(CID, '9000070 cid x 3'),
        then,
      )
    assert.equal(take({ is: BOB, before: before('rm $l') }), ours(), 'given back already')
    const dead = `rm $l; command ln -s '${CID}' $l`
    assert.equal(take({ is: BOB, before: before(dead) }), ours(), 'the next is dead too')
  })

  test('who made the link beside a dead one is the next to hold it', () => {
    const made = `mkdir $d/run; command ln -s '${BOB}' $l; command ln -s '${CID}' $d/run/${NEXT}`
    assert.equal(
      take({ processes: [link, cids], before: made, beside: [NEXT] }),
      lose(BOB, '9000070 cid x 3'),
    )
    assert.equal(
      take({ before: `${made}; : >$l.77; ${before(':')}` }),
      ours(),
      'unless it is dead: nothing is left of either',
    )
    const third = `command ln -s "9000090 9 9000090 9 ${BOOT} eve x 4" $d/run/${AFTER}`
    assert.equal(
      take({
        processes: [link, { pid: 9000090, start: 9, parent: 9000030 }],
        before: `${made}; ${before(third)}`,
        beside: [NEXT, AFTER],
      }),
      lose(BOB, '9000090 eve x 4'),
      'and of the next to that one there is one too',
    )
    assert.equal(
      take({ before: `${made.replace(CID, 'text')}`, beside: [NEXT] }),
      lose(BOB, `foreign LEASE${NEXT.slice(5)}: text`),
    )
  })

  test('a program that is ended by somebody is run again, and takes no lease away', () => {
    const readlink =
      'readlink() { [ ! -e $d/r ] || { command readlink "$1"; return; }; : >$d/r; false; }'
    assert.equal(take({ holds: true, before: `${HELD}; ${readlink}` }), ours())
    const ln = `ln() { tries=x$tries; [ \${#tries} -lt 99 ] || exit
      command ln "$@" && [ $tries != x ]; }`
    assert.equal(take({ before: ln }), ours(), 'it was made')
    assert.equal(take({ is: BOB, before: before(':', 'command ln "$@"; false') }), ours(), 'and so')
    for (const [why, does] of [
      ['before it moved it', ':'],
      ['after it moved it', 'command mv "$@"'],
    ])
      assert.equal(
        take({
          is: BOB,
          before: `mv() { [ ! -e $d/m ] || { command mv "$@"; return; }; : >$d/m; ${does}; false; }`,
        }),
        ours(),
        why,
      )
  })

  test('without its own words, or without knowing whose it is, it takes nothing', () => {
    const nothing = (told: string): Taken => ({ ...lose('', told), is: null })
    assert.equal(
      take({ before: 'id() { return 137; }' }),
      nothing(`unknown user , shell SHELL 4242 9000077 0 ${BOOT} ann x 1`),
    )
    assert.equal(
      take({ before: 'rm $proc/sys/kernel/random/boot_id' }),
      nothing('unknown user 0, shell SHELL 4242 9000077 0  ann x 1'),
    )
    const before = `id() { return 137; }; ${HELD}`
    assert.equal(
      take({ holds: true, before }),
      { ...nothing(`unknown user , shell ${OURS}`), is: OURS, holds: true },
      'what it has it keeps',
    )
  })

  test('a dead one that cannot be replaced is given up', () => {
    const before = 'mv() { echo moved >&2; }'
    assert.equal(take({ is: BOB, before }), lose(BOB, 'cannot write LEASE'))
  })

  test.run()
}
