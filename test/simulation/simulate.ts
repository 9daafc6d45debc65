import { LEASE } from '../../lib/transport/protocol/lease.ts'
import { inVirtualTime, pass } from './clock.ts'
import { Controller, type Lists, ROOT, type RunSpec } from './controller.ts'
import { strike } from './faults.ts'
import type { Agenda, Entry } from './host/agenda.ts'
import { SimulatedHost } from './host/host.ts'
import { makeScenario } from './make-scenario.ts'
import { Monitor } from './monitor.ts'
import { Random } from './random.ts'
import type { Fault, HostSpec, Mode, Scenario } from './scenario.ts'

export type SimulationResult = {
  readonly seed: number
  readonly mode: Mode
  readonly violations: readonly string[]
  readonly trace: readonly string[]
  /** Steps that processes made on all hosts, and virtual milliseconds. */
  readonly steps: number
  readonly ms: number
}

/** Faults of which one alone does not keep a run from its end. */
const SURVIVED = new Set<string | undefined>(['cut', 'kill-shell', 'slow'])

/**
 * What one fault may do all the same: a link that is lost while the first shell starts was none,
 * and a silent one may hold back a value for longer than it is waited for.
 */
const EXCUSED = /lost while the shell started|not provided within/

const BOOT_BEFORE = '00000000-0000-4000-8000-000000000000'

/** Virtual milliseconds within which every run must have ended, whatever happens. */
const LONGEST = 4 * 3600_000

/** Even seeds look at safety, odd ones at liveness. */
export const chooseMode = (seed: number): Mode => (seed % 2 === 0 ? 'safety' : 'liveness')

/** Runs what a seed says, in virtual time. The same seed gives the same trace. */
export const simulate = (seed: number, mode: Mode): Promise<SimulationResult> =>
  simulateScenario(makeScenario(seed, mode, new Random(seed)))

export const simulateScenario = async (scenario: Scenario): Promise<SimulationResult> => {
  const random = new Random(scenario.seed).fork()
  let stage: Stage | null = null
  try {
    await inVirtualTime(async agenda => {
      stage = new Stage(scenario, agenda, random)
      await stage.play()
    })
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    if (!stage) throw error
    ;(stage as Stage).monitor.fail('', text)
  }
  const { monitor, steps, ms } = stage as unknown as Stage
  const { seed, mode } = scenario
  return { seed, mode, violations: monitor.violations, trace: monitor.trace, steps, ms }
}

class Stage {
  readonly monitor: Monitor
  readonly #scenario: Scenario
  readonly #agenda: Agenda
  readonly #hosts: ReadonlyMap<string, SimulatedHost>
  readonly #live = new Set<Controller>()
  /** The faults that come at a time. */
  readonly #timed: Entry[] = []

  constructor(scenario: Scenario, agenda: Agenda, random: Random) {
    this.#scenario = scenario
    this.#agenda = agenda
    this.#hosts = new Map(
      scenario.hosts.map(spec => [spec.name, this.#makeHost(spec, random.fork())]),
    )
    this.monitor = new Monitor(agenda, this.#hosts)
    for (const host of this.#hosts.values()) this.#placeFaults(host)
    this.monitor.isCalm = scenario.runs.length === 1 && scenario.faults.length === 0
    this.monitor.isStalled = scenario.faults.some(({ kind }) => kind === 'stall')
    this.monitor.isOrdered =
      scenario.runs.length === 1 && scenario.faults.every(({ kind }) => kind !== 'edit')
  }

  get steps(): number {
    return [...this.#hosts.values()].reduce((sum, { kernel }) => sum + kernel.steps, 0)
  }

  get ms(): number {
    return this.#agenda.now
  }

  async play(): Promise<void> {
    const { runs, mode, kind } = this.#scenario
    this.monitor.note('', `scenario: ${kind}, ${mode}`)
    await Promise.all(runs.map(spec => this.#run(spec)))
    this.#endFaults()
    await pass(this.#agenda, 1_200_000) // what was left behind has ended
    this.#judgeHosts()
    if (mode === 'liveness') {
      await this.#converge(runs[0] as RunSpec)
      await pass(this.#agenda, 60_000)
      this.#judgeFolders()
    }
    this.monitor.judgeOutcomes()
  }

  #makeHost(spec: HostSpec, random: Random): SimulatedHost {
    const { name, delay, pace, becomes, bandwidth, deadLease, markers, heldUp } = spec
    const host = new SimulatedHost(name, this.#agenda, random)
    Object.assign(host, { delay, becomes, bandwidth })
    host.kernel.pace = pace
    if (deadLease) {
      host.files.makeFolders('/run/brd')
      host.files.makeLink(`77 1234 77 1234 ${BOOT_BEFORE} gone@far 2026-11-26 08:00`, LEASE)
    }
    for (const marker of markers) host.files.put(`${ROOT}/${marker}`, '')
    if (heldUp)
      host.kernel.holdUp = ({ owner, name, words }) =>
        heldUp.who.test(owner) && heldUp.command.test(`${name} ${words.join(' ')}`)
          ? random.between(0, heldUp.ms)
          : 0
    host.kernel.onGap = error => {
      throw error
    }
    return host
  }

  /** Lets the faults of a host come: at their step, or at their time. */
  #placeFaults(host: SimulatedHost): void {
    const begin = (fault: Fault): void =>
      strike(fault, { host, runs: [...this.#live], monitor: this.monitor })
    const due: { readonly fault: Fault; readonly step: number }[] = []
    for (const fault of this.#scenario.faults.filter(fault => fault.host === host.name))
      if ('step' in fault.when) due.push({ fault, step: fault.when.step })
      else if ('cat' in fault.when) this.#placeAtRead(host, fault.when.cat, () => begin(fault))
      else this.#timed.push(this.#agenda.after(fault.when.ms, () => begin(fault), true))
    due.sort((one, other) => one.step - other.step)
    host.kernel.onStep = () => {
      while (due[0] && due[0].step <= host.kernel.steps)
        begin((due.shift() as (typeof due)[number]).fault)
    }
  }

  #placeAtRead(host: SimulatedHost, end: string, begin: () => void): void {
    const { onRead } = host.kernel
    host.kernel.onRead = (process, path) => {
      onRead(process, path)
      if (process.name !== 'cat' || !path.endsWith(end)) return
      host.kernel.onRead = onRead
      begin()
    }
  }

  async #run(spec: RunSpec): Promise<Controller> {
    await pass(this.#agenda, spec.begins)
    const run = new Controller(spec, this.#hosts, (one, event) => this.monitor.see(one, event))
    this.monitor.add(run)
    this.#live.add(run)
    const late = this.#agenda.after(
      LONGEST,
      () => this.monitor.fail('', `the run of ${spec.who} does not end`),
      true,
    )
    await run.run()
    late.work = null
    this.#live.delete(run)
    this.monitor.finish(run)
    this.#judgeEnd(run)
    return run
  }

  /** What a run must reach in spite of the faults that it met. */
  #judgeEnd(run: Controller): void {
    const { runs, faults, hosts, mayFail = false } = this.#scenario
    const isCalm =
      hosts.every(({ markers }) => markers.length === 0) && runs.length === 1 && !mayFail
    if (run.isDead || !isCalm || run.spec !== runs[0]) return
    const kinds = faults.map(({ kind }) => kind)
    const despite = kinds.length === 0 ? 'without a fault' : `in spite of one ${kinds[0]}`
    if (kinds.length === 0 || (kinds.length === 1 && SURVIVED.has(kinds[0] as string)))
      for (const { hosts: results } of run.played)
        for (const [host, { result, error }] of results)
          if (result !== 'ok' && !(kinds.length > 0 && EXCUSED.test(error?.message ?? '')))
            this.monitor.fail(host, `${result} ${despite}: ${error?.message}`)
    if (!kinds.every(kind => kind.startsWith('interrupt'))) return
    for (const { play, hosts: results } of run.played)
      for (const [host, { result, error }] of results)
        if (play === run.spec.plays.length && result !== 'ok')
          this.monitor.fail(host, `${result} when it undoes: ${error?.message}`)
    const { killedAt } = run
    if (killedAt === null || run.isUndoing) return
    const late = (this.#agenda.now - killedAt) / 1000
    if (late > 90) this.monitor.fail('', `the run ends ${late} s after the second Ctrl-C`)
  }

  #endFaults(): void {
    for (const entry of this.#timed) entry.work = null
    for (const { name, pace, markers } of this.#scenario.hosts) {
      const host = this.#hosts.get(name) as SimulatedHost
      host.kernel.onStep = () => {}
      host.kernel.stallNext = 0
      host.kernel.pace = pace
      host.downUntil = 0
      host.files.space.clear()
      for (const marker of markers) host.files.remove(`${ROOT}/${marker}`)
    }
  }

  /** Nothing of a run is left on a host once it has ended. */
  #judgeHosts(): void {
    for (const { name, kernel } of this.#hosts.values())
      for (const { pid, name: program } of kernel.processes.values())
        this.monitor.fail(name, `process ${pid} (${program}) is left`)
  }

  /** After the last run, what killed shells left behind is gone too. */
  #judgeFolders(): void {
    for (const { name, files } of this.#hosts.values())
      for (const path of files.listAll('/dev/shm')) this.monitor.fail(name, `${path} is left`)
  }

  /** The faults are over: a run brings everything to its state, and another changes nothing. */
  async #converge(spec: RunSpec): Promise<void> {
    const plays = this.#scenario.mayFail ? spec.plays.map(withTime) : spec.plays
    const calm = { ...spec, plays, begins: 0, check: false, serial: null, maxFail: null }
    for (const who of ['first at last', 'second at last']) {
      const run = await this.#run({ ...calm, who })
      for (const { play, hosts } of run.played)
        for (const [host, { result, trips, outcomes, error }] of hosts) {
          if (result !== 'ok')
            this.monitor.fail(host, `does not converge: ${result} (${error?.message})`)
          if (who.startsWith('first')) continue
          if (trips !== 1) this.monitor.fail(host, `play ${play} costs ${trips} round trips`)
          if (outcomes.some(({ is }) => is !== 'ok'))
            this.monitor.fail(host, `a second run changes what is as wanted: play ${play}`)
        }
    }
  }
}

/** The same lists, with time enough for each change. */
const withTime = (lists: Lists): Lists =>
  new Map(
    [...lists].map(([name, specs]) => [
      name,
      specs.map(({ seconds: _, stubborn: __, ...spec }) => ({ ...spec, takes: 0 })),
    ]),
  )
