import { type Controller, ROOT } from './controller.ts'
import type { SimulatedHost } from './host/host.ts'
import type { Process } from './host/kernel.ts'
import type { Cut } from './host/link.ts'
import type { Monitor } from './monitor.ts'
import { fileOf } from './operations.ts'
import type { Fault } from './scenario.ts'

/** What a fault may reach. */
export type Stage = {
  readonly host: SimulatedHost
  /** The runs that are under way. */
  readonly runs: readonly Controller[]
  readonly monitor: Monitor
}

/** A link of whose end the engine does not hear before every run must have ended. */
export const SILENT: Cut = { here: 20_000_000, there: 60_000 }

/** Ways in which a link ends: milliseconds until the engine hears of it, and the host. */
const CUTS: readonly Cut[] = [
  { here: 0, there: 0 },
  { here: 0, there: 20_000 },
  { here: 0, there: 100_000 },
  { here: 15_000, there: 0 },
  { here: 45_000, there: 45_000 },
  SILENT,
]

/** Does what the fault says, once. */
export const strike = (fault: Fault, stage: Stage): void => {
  const { host, monitor } = stage
  monitor.note(host.name, `FAULT ${fault.kind} at step ${host.kernel.steps}`)
  host.isStriking = true
  doStrike(fault, stage)
  host.isStriking = false
}

const doStrike = ({ kind, dice, cut }: Fault, stage: Stage): void => {
  const { host, monitor, runs } = stage
  const { kernel, agenda, files } = host
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(dice * all.length)]
  const [run] = runs
  switch (kind) {
    case 'cut':
      pick([...host.links])?.cut(cut ?? (CUTS[Math.floor(dice * 997) % CUTS.length] as Cut))
      return
    case 'refuse':
      host.downUntil = agenda.now + 1000 + dice * 30_000
      for (const link of host.links) link.cut({ here: 0, there: 0 })
      return
    case 'kill-shell': {
      const shell = pick(listProcesses(host, true))
      if (shell && (dice * 613) % 1 < 0.3) hang(host, shell.session)
      kill(host, shell)
      return
    }
    case 'kill-change':
      kill(host, pick(listProcesses(host, false)))
      return
    case 'reboot':
      host.reboot(1 + dice * 60)
      return
    case 'no-space': {
      const root = dice < 0.5 ? '/dev/shm/' : `${ROOT}/`
      files.space.set(root, Math.floor(((dice * 991) % 1) * 3000))
      agenda.after(((dice * 97) % 1) * 20_000, () => files.space.delete(root))
      return
    }
    case 'slow': {
      const { pace } = kernel
      kernel.pace = pace * 40
      agenda.after(dice * 10_000, () => {
        kernel.pace = pace
      })
      return
    }
    case 'stall':
      kernel.stallNext = 3000 + dice * 100_000
      return
    case 'edit': {
      const spec = pick(run?.spec.plays.flatMap(lists => lists.get(host.name) ?? []) ?? [])
      if (!spec || spec.kind === 'restart') return
      const line = spec.kind === 'line' ? `v0 by hand ${kernel.steps} end` : null
      monitor.editByHand(host, fileOf(ROOT, spec), line)
      return
    }
    case 'interrupt':
    case 'interrupt-twice': {
      const press = () => run?.interrupt(text => monitor.note(host.name, `not told: ${text}`))
      press()
      if (kind === 'interrupt-twice') agenda.after(500 + dice * 6000, press, true)
      return
    }
    case 'noise': {
      const channel = pick(listProcesses(host, true))?.opened.get(1)
      if (channel?.is === 'writer') channel.pipe.add(Buffer.from('!'))
      return
    }
    case 'die':
      run?.die()
      return
  }
}

/** The root shells; or what works for them: programs, and the operations themselves. */
const listProcesses = (host: SimulatedHost, shells: boolean): Process[] => {
  const running = listRunning(host)
  return [...host.kernel.processes.values()].filter(
    ({ owner, pid, isShell, name, state }) =>
      owner !== '' &&
      state !== 'ended' &&
      (shells ? isShell : !/^(sh|sshd|sudo)$/.test(name) || running.includes(pid)),
  )
}

/** What the root shells say that runs. */
const listRunning = ({ files }: SimulatedHost): number[] =>
  files
    .listAll('/dev/shm')
    .filter(path => path.endsWith('/now'))
    .map(path => Number(files.read(path)?.split(' ')[2]))

/** What runs for a shell does not go on by itself any more. */
const hang = (host: SimulatedHost, session: number): void => {
  for (const pid of listRunning(host)) {
    const process = host.kernel.processes.get(pid)
    if (process?.session === session) host.kernel.send(process, 'STOP')
  }
}

const kill = ({ kernel }: SimulatedHost, process: Process | undefined): void => {
  if (process) kernel.send(process, 'KILL')
}
