import type { EventBody, Outcome } from '../../lib/events.ts'
import { LEASE, OWN_SECONDS } from '../../lib/transport/protocol/lease.ts'
import { type Controller, ROOT } from './controller.ts'
import type { Agenda } from './host/agenda.ts'
import type { SimulatedHost } from './host/host.ts'
import type { Process } from './host/kernel.ts'
import { BOOT_ID, findDrafter, holds, isWhole, type Spec } from './operations.ts'

/** What is known of one list of a run on one host. */
type Progress = {
  readonly settled: Map<number, Outcome>
  /** Keys whose change has begun on the host, by its own files. */
  readonly began: Set<string>
  roundSince: number
  /** When the round before began, from which the plans of this one are. */
  readSince: number
  finished: number
  /** The operation whose change, begun in this round, disturbs the host; -1: none does. */
  disturbs: number
  /** The play in which such a change ended badly; -1: in none. */
  unwell: number
  /** Places of the operations that asked for a reboot. */
  readonly rebooted: Set<number>
  failed: boolean
}

/** One operation of a host as it is in truth, whatever the engine says. */
type Truth = {
  readonly spec: Spec
  readonly run: Controller
  holds: boolean
  /** When it held last, and since when it does. */
  heldAt: number
  heldSince: number
}

/**
 * Looks on and finds what must never be: on the hosts, at each change of a file; in what the engine
 * says, at each event.
 */
export class Monitor {
  readonly violations: string[] = []
  readonly trace: string[] = []
  readonly #agenda: Agenda
  readonly #hosts: ReadonlyMap<string, SimulatedHost>
  readonly #runs = new Map<string, Controller>()
  readonly #progress = new Map<string, Progress>()
  readonly #truths = new Map<string, Truth[]>()
  /** Foreign lines by file: when they came. */
  readonly #foreign = new Map<string, { readonly line: string; readonly at: number }[]>()
  /** When the shell of a host and a process number ended. */
  readonly #shellsEnded = new Map<string, number>()
  readonly #lastLate = new Map<string, number>()
  /** There is one run, and no fault at all. */
  isCalm = false
  /** Nobody else changes the hosts: the order of a list can be looked at. */
  isOrdered = false
  /** Processes are held up: what one of them has read may be old. */
  isStalled = false
  readonly #lastRead = new Map<string, number>()
  /** By host and session: the keys begun since it was told to stop. */
  readonly #begunAfterStop = new Map<string, Set<string>>()
  readonly #stoppedSessions = new Set<string>()
  /** Sessions whose round did not come whole. */
  readonly #cutOff = new Set<string>()

  constructor(agenda: Agenda, hosts: ReadonlyMap<string, SimulatedHost>) {
    this.#agenda = agenda
    this.#hosts = hosts
    for (const host of hosts.values()) {
      host.files.watch = (change, path) => this.#seeFile(host, change, path)
      host.kernel.onEnd = process => this.#seeEnd(host, process)
      host.onCutOff = session => this.#cutOff.add(`${host.name} ${session}`)
      host.kernel.onRead = (process, path) => {
        if (path.startsWith(`${ROOT}/`))
          this.#lastRead.set(`${host.name} ${path} ${process.session}`, agenda.now)
      }
    }
  }

  /** Looks at what this run does, from now on. */
  add(run: Controller): void {
    this.#runs.set(run.spec.who, run)
    const { plays, undo } = run.spec
    for (const lists of undo ? [...plays, undo] : plays)
      for (const [name, specs] of lists) {
        const host = this.#hosts.get(name) as SimulatedHost
        const truths = this.#truths.get(name) ?? []
        this.#truths.set(name, truths)
        for (const spec of specs) {
          const held = this.#holds(host, spec, run)
          const heldAt = held ? this.#agenda.now : -1
          truths.push({ spec, run, holds: held, heldAt, heldSince: heldAt })
        }
      }
  }

  note(host: string, text: string): void {
    this.trace.push(`${this.#agenda.now.toFixed(1).padStart(10)} ${host.padEnd(5)} ${text}`)
  }

  fail(host: string, text: string): void {
    this.violations.push(`${host}: ${text}`)
    this.note(host, `VIOLATION ${text}`)
  }

  /** Somebody else edits a file of the host. */
  editByHand(host: SimulatedHost, path: string, line: string | null): void {
    const before = host.files.read(path) ?? ''
    if (line !== null) {
      const edits = this.#foreign.get(`${host.name} ${path}`) ?? []
      this.#foreign.set(`${host.name} ${path}`, [...edits, { line, at: this.#agenda.now }])
    }
    host.files.put(path, line === null ? 'v0 by hand end\n' : `${before}${line}\n`)
  }

  see(run: Controller, event: EventBody): void {
    if (!('host' in event) || event.host === undefined) return
    const { who } = run.spec
    const progress = this.#get(run, event.host)
    this.note(event.host, `${who.slice(0, 3)} ${describe(event)}`)
    if (run.isDead) return
    if (progress.finished > run.play && !run.spec.together && event.type !== 'note')
      this.fail(event.host, `${event.type} after the host was finished`)
    switch (event.type) {
      case 'round-started':
        if (progress.roundSince < 0) this.#seeBegin(run, event.host)
        progress.readSince = progress.roundSince
        progress.roundSince = this.#agenda.now
        progress.disturbs = -1
        if (event.changes > 0 && run.stop.requested)
          this.fail(event.host, 'a batch is sent although the run was interrupted')
        if (event.changes > 0 && run.spec.check) this.fail(event.host, 'check mode sends changes')
        return
      case 'op-started':
        this.#seeStart(run, event.host, event.op, progress)
        return
      case 'op-settled':
        if (progress.settled.has(event.op))
          this.fail(event.host, `operation ${event.op} has two outcomes`)
        progress.settled.set(event.op, event.outcome)
        this.#seeOutcome(run, event.host, event.op, event.outcome, progress)
        return
      case 'host-finished':
        progress.finished = run.play + 1
        progress.disturbs = -1
        progress.failed ||= event.result === 'failed' || event.result === 'unreachable'
        this.#seeRefusal(event.host, event.error?.message ?? '', progress.roundSince)
    }
  }

  /** After the run: every operation has one outcome, and it is none that its begin denies. */
  finish(run: Controller): void {
    if (run.isDead) return
    for (const { play, lists, hosts } of run.played)
      for (const [name, { result, outcomes, error }] of hosts) {
        const specs = lists.get(name) ?? []
        if (outcomes.length !== specs.length) this.fail(name, `play ${play}: an outcome is missing`)
        const isGood = outcomes.every(
          ({ is }) =>
            is === 'ok' ||
            is === 'changed' ||
            (run.spec.check && (is === 'would-change' || is === 'unknown')),
        )
        if (result === 'ok' && !isGood) this.fail(name, `ok, and an operation is not: play ${play}`)
        if ((result === 'failed' || result === 'unreachable') && !error)
          this.fail(name, `${result} without a reason`)
      }
    for (const name of this.#hosts.keys()) {
      const progress = this.#get(run, name)
      const listed = run.listed.get(name)?.length ?? 0
      if (progress.settled.size !== listed)
        this.fail(name, `${listed} operations, ${progress.settled.size} outcomes`)
    }
  }

  /** At the very end: what began later than the run's last word counts too. */
  judgeOutcomes(): void {
    for (const run of this.#runs.values())
      if (!run.isDead)
        for (const name of this.#hosts.keys()) {
          const { settled, began } = this.#get(run, name)
          for (const [number, { is }] of settled) {
            const spec = this.#specOf(run, name, number)
            if (spec && began.has(spec.key) && !['changed', 'failed', 'in-flight'].includes(is))
              this.fail(name, `${spec.key} is called ${is} by ${run.spec.who}, and it had begun`)
          }
        }
  }

  #get(run: Controller, host: string): Progress {
    const key = `${run.spec.who} ${host}`
    const known = this.#progress.get(key)
    if (known) return known
    const fresh: Progress = {
      settled: new Map(),
      began: new Set(),
      roundSince: -1,
      readSince: -1,
      finished: 0,
      disturbs: -1,
      unwell: -1,
      rebooted: new Set(),
      failed: false,
    }
    this.#progress.set(key, fresh)
    return fresh
  }

  #specOf(run: Controller, host: string, number: number): Spec | undefined {
    return run.listed.get(host)?.[number]
  }

  /** With `serial`, a host begins when those before it are done, and not after too many failed. */
  #seeBegin(run: Controller, host: string): void {
    const { serial, maxFail } = run.spec
    if (serial === null || run.play > 0) return
    const names = [...(run.spec.plays[0]?.keys() ?? [])]
    const before = names.slice(0, names.indexOf(host)).map(name => this.#get(run, name))
    if (before.some(({ finished }) => finished === 0))
      this.fail(host, 'begins before those of the batch before it are done')
    if (maxFail === 0 && before.some(({ failed }) => failed))
      this.fail(host, 'begins although another host failed')
  }

  /** Who is told to hold a host is alive: what a dead one began is waited for, for so long. */
  #seeRefusal(host: string, message: string, since: number): void {
    const [, pid] = /changed by another run: process (\d+) /.exec(message) ?? []
    const ended = this.#shellsEnded.get(`${host} ${pid}`)
    const isWaited = this.#agenda.now - since >= OWN_SECONDS * 1000
    if (ended !== undefined && !this.isStalled && !isWaited && since - ended > 3000)
      this.fail(host, `is refused for process ${pid}, which is dead`)
  }

  #seeStart(run: Controller, host: string, op: number, progress: Progress): void {
    const spec = this.#specOf(run, host, op)
    if (run.spec.check) this.fail(host, 'check mode begins a change')
    if (spec?.kind === 'reboot') {
      if (this.isCalm && progress.rebooted.has(op)) this.fail(host, 'is rebooted twice')
      progress.rebooted.add(op)
    }
    if (!spec?.disruptive) return
    for (const other of this.#hosts.keys()) {
      if (other === host) continue
      const { disturbs, unwell, roundSince } = this.#get(run, other)
      const truth = this.#findTruth(run, other, this.#specOf(run, other, disturbs))
      if (truth && !truth.holds && truth.heldAt < roundSince)
        this.fail(host, `is disturbed while ${other} is`)
      if (!run.spec.together && unwell === run.play)
        this.fail(host, `is disturbed, and ${other}, which was before, is not well again`)
    }
    progress.disturbs = op
  }

  #seeOutcome(
    run: Controller,
    host: string,
    op: number,
    outcome: Outcome,
    progress: Progress,
  ): void {
    const { is } = outcome
    const spec = this.#specOf(run, host, op)
    if (!spec) {
      this.fail(host, `operation ${op} was not listed`)
      return
    }
    if (!run.spec.check && (is === 'would-change' || is === 'unknown'))
      this.fail(host, `${spec.key} is ${is} in a run that applies`)
    if (is === 'skipped') this.fail(host, `${spec.key} is skipped`)
    if (is === 'failed' && op === progress.disturbs) progress.unwell = run.play
    const truth = this.#findTruth(run, host, spec)
    const message = outcome.is === 'failed' ? outcome.error.message : ''
    if (this.isOrdered && truth?.holds && / still differs /.test(message))
      this.fail(host, `${spec.key} is as wanted, and it is said that it still differs`)
    if (is !== 'ok' && is !== 'changed') return
    if (truth && !truth.holds && truth.heldAt < progress.roundSince)
      this.fail(host, `${spec.key} is called ${is}, and it is not so`)
  }

  #findTruth(run: Controller, host: string, spec: Spec | undefined): Truth | undefined {
    return this.#truths.get(host)?.find(one => one.run === run && one.spec.key === spec?.key)
  }

  #holds(host: SimulatedHost, spec: Spec, run: Controller): boolean {
    const read = (path: string): string | null =>
      path === BOOT_ID ? host.kernel.bootId : host.files.read(path)
    return holds(ROOT, spec, read, run.tokens[Number(spec.key[1])])
  }

  #seeFile(host: SimulatedHost, change: string, path: string): void {
    const process = host.kernel.current
    const run = process ? this.#runs.get(process.owner) : undefined
    if (path.startsWith('/dev/shm/') || path.startsWith('/tmp/')) {
      const [, pid] = /^\/dev\/shm\/brd\.(\d+)\.\w+\/stop$/.exec(path) ?? []
      if (pid && change === 'open') this.#stoppedSessions.add(`${host.name} ${pid}`)
      if (change === 'open') this.#seeLate(host, path)
      return
    }
    if (path === '/run' && change === 'remove') this.#seeBoot(host)
    if (change !== 'write')
      this.note(host.name, `${process?.owner.slice(0, 3) ?? '   '} ${change} ${path}`)
    if (run?.spec.check) this.fail(host.name, `check mode makes ${path}`)
    if (!path.startsWith(`${ROOT}/`)) return
    const key = findDrafter(path)
    if (process && run) this.#seeChange(host, run, process.session, key, change)
    if (key !== null) return
    if (change === 'place') this.#seeContent(host, path)
    this.#seeTruths(host)
  }

  /** After a boot, its process numbers are given anew. */
  #seeBoot(host: SimulatedHost): void {
    for (const known of [
      ...[this.#shellsEnded, this.#stoppedSessions, this.#begunAfterStop, this.#cutOff],
    ])
      for (const key of [...known.keys()]) if (key.startsWith(`${host.name} `)) known.delete(key)
    this.#seeTruths(host)
  }

  #seeTruths(host: SimulatedHost): void {
    for (const truth of this.#truths.get(host.name) ?? []) {
      if (truth.holds) truth.heldAt = this.#agenda.now
      const held = truth.holds
      truth.holds = this.#holds(host, truth.spec, truth.run)
      if (!held && truth.holds) truth.heldSince = this.#agenda.now
      if (truth.holds) truth.heldAt = this.#agenda.now
    }
  }

  /** After a probe that hung, the others of its round have five seconds. */
  #seeLate(host: SimulatedHost, path: string): void {
    const [, round] = /^\/dev\/shm\/(\S+\/\d+)\.[pg]\d+\.late$/.exec(path) ?? []
    if (round === undefined) return
    const before = this.#lastLate.get(`${host.name} ${round}`)
    const seconds = (this.#agenda.now - (before ?? this.#agenda.now)) / 1000
    if (seconds > 14 && host.kernel.pace < 10)
      this.fail(host.name, `a probe hangs for ${seconds} s`)
    this.#lastLate.set(`${host.name} ${round}`, this.#agenda.now)
  }

  /** A process has ended: what it must not leave, and who must not be ended. */
  #seeEnd(host: SimulatedHost, { pid, name, status, isShell }: Process): void {
    if (name === 'dpkg' && !host.isStriking) {
      const isLate = host.files.listAll('/dev/shm').some(path => path.endsWith('.late'))
      if (status.signal === 'KILL' || (status.signal === 'TERM' && !isLate))
        this.fail(host.name, 'a package manager is ended half-way')
    }
    if (isShell) this.#shellsEnded.set(`${host.name} ${pid}`, this.#agenda.now)
    if (!isShell || status.signal === 'KILL') return
    if (host.files.readLink(LEASE)?.startsWith(`${pid} `))
      this.fail(host.name, `shell ${pid} ends and keeps its lease`)
    for (const path of host.files.list('/dev/shm'))
      if (path.startsWith(`/dev/shm/brd.${pid}.`)) this.fail(host.name, `${path} is left`)
  }

  /** A list is worked off in its order: what is before is as wanted, or has begun. */
  #seeOrder(host: SimulatedHost, run: Controller, key: string): void {
    const specs = run.spec.plays.map(lists => lists.get(host.name) ?? [])
    const list = specs.find(one => one.some(spec => spec.key === key)) ?? []
    const { began } = this.#get(run, host.name)
    for (const spec of list.slice(
      0,
      Math.max(
        0,
        list.findIndex(one => one.key === key),
      ),
    ))
      if (!began.has(spec.key) && !this.#holds(host, spec, run))
        this.fail(host.name, `${key} begins before ${spec.key}, which is not as wanted`)
  }

  /** What was as wanted when it was read is not changed; a restart has other reasons. */
  #seeNeed(host: SimulatedHost, run: Controller, key: string): void {
    const spec = run.listed.get(host.name)?.find(one => one.key === key)
    const truth = this.#findTruth(run, host.name, spec)
    if (!truth?.holds || spec?.kind === 'restart' || run.spec.together) return
    if (truth.heldSince < this.#get(run, host.name).readSince)
      this.fail(host.name, `${key} is changed, and it was as wanted`)
  }

  /** What puts a file in place is the change that runs, and it has not been ended. */
  #seePlace(host: SimulatedHost, session: number): void {
    const { processes } = host.kernel
    const shell = [...processes.values()].find(one => one.isShell && one.session === session)
    if (!shell) return
    for (const folder of host.files.list('/dev/shm')) {
      if (!folder.startsWith(`/dev/shm/brd.${shell.pid}.`)) continue
      const [running = ''] = host.files.read(`${folder}/now`)?.split(' ') ?? []
      if (!/^\d+\.c\d+$/.test(running))
        this.fail(host.name, `a change goes on, and what runs is "${running.trim()}"`)
      if (host.files.get(`${folder}/${running}.late`))
        this.fail(host.name, 'a change goes on past its deadline')
    }
  }

  #seeChange(
    host: SimulatedHost,
    run: Controller,
    session: number,
    key: string | null,
    change: string,
  ): void {
    const [, , holder] = host.files.readLink(LEASE)?.split(' ') ?? []
    if (holder !== String(session))
      this.fail(
        host.name,
        `session ${session} of ${run.spec.who} makes a change, and the lease says ${holder}`,
      )
    if (change === 'open' || change === 'place') this.#seePlace(host, session)
    if (key === null || change !== 'open') return
    if (this.isOrdered) this.#seeOrder(host, run, key)
    this.#seeNeed(host, run, key)
    if (this.#cutOff.has(`${host.name} ${session}`))
      this.fail(host.name, `${key} begins, and its round has not come whole`)
    this.#get(run, host.name).began.add(key)
    const isStopped = [...this.#stoppedSessions].some(one => {
      const [name, pid] = one.split(' ')
      return name === host.name && host.kernel.processes.get(Number(pid))?.session === session
    })
    if (!isStopped || run.isUndoing) return
    const stopped = `${host.name} ${session}`
    const begun = this.#begunAfterStop.get(stopped) ?? new Set()
    this.#begunAfterStop.set(stopped, begun.add(key))
    if (begun.size > 1) this.fail(host.name, `${key} begins after the stop was asked for`)
  }

  #seeContent(host: SimulatedHost, path: string): void {
    const text = host.files.read(path) ?? ''
    if (/\.(hang|broken)$/.test(path)) return
    if (!isWhole(text)) this.fail(host.name, `${path} is half written (${text.length} bytes)`)
    const session = host.kernel.current?.session
    if (session === undefined) return
    const read = this.#lastRead.get(`${host.name} ${path} ${session}`) ?? -1
    const edits = this.#foreign.get(`${host.name} ${path}`) ?? []
    for (const { line, at } of edits)
      if (read > at && !text.includes(`${line}\n`))
        this.fail(host.name, `a line by hand is lost from ${path}, though it was read`)
    // one that came between the last look and the change is lost, and nothing can be done
    this.#foreign.set(
      `${host.name} ${path}`,
      edits.filter(({ line }) => text.includes(`${line}\n`)),
    )
  }
}

const describe = (event: EventBody): string => {
  switch (event.type) {
    case 'op-settled':
      return `op ${event.op} ${event.outcome.is}${
        event.outcome.is === 'failed' ? `: ${event.outcome.error.message}` : ''
      }`
    case 'op-unknown':
      return `op ${event.op} unknown: ${event.why}`
    case 'op-planned':
    case 'op-started':
      return `op ${event.op} ${event.type.slice(3)}`
    case 'round-started':
      return `round ${event.round}, ${event.changes} changes`
    case 'host-finished':
      return `finished: ${event.result}${event.error ? ` (${event.error.message})` : ''}`
    case 'note':
      return `note: ${event.text}`
    default:
      return event.type
  }
}
