import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { type LabHost, openLabHost } from './lab-host.ts'
import { waitUntil } from './run-playbook.ts'

/** The traces of the playbook `steps` on a host of the lab. */
export type StepTraces = {
  readonly host: LabHost
  /** Folder of its steps on the host. */
  readonly dir: string
  /** What was begun and ended, in order. */
  readonly log: () => string[]
  /** Waits until a step has begun. */
  readonly begun: (step: string) => Promise<void>
  /** Lets a step that works at `held` go on. */
  readonly release: () => void
  /** Waits until an interruption has come to the shell of the running step. */
  readonly stopping: () => Promise<void>
  /** Command lines of the host's processes that match. */
  readonly processes: (what: RegExp) => string[]
  /** The text of the lease, empty where nobody has it. */
  readonly lease: () => string
  /**
   * Removes the steps. Fails where a run has left anything else behind: a folder in memory, a
   * lease.
   */
  readonly clean: () => Promise<void>
}

/** Work of a step: it lasts until it is released, or its deadline. */
export const blockedStep = 'while [ ! -e go ]; do sleep 0.2; done'

/** Folders in memory whose shell has ended, and the lease. */
const LEFT = `for d in /dev/shm/brd.*; do
  p=\${d#*.}; [ ! -d "$d" ] || [ -d "/proc/\${p%.*}" ] || echo "$d"
done
readlink /run/brd/lease || :`

/** The steps on this host of the lab; skips where the lab is down. */
export const traceSteps = (name: string): StepTraces => {
  const host = openLabHost(name)
  const dir = join('/run', `brdtest-${process.pid}`)
  const log = () => host.root(`cat ${dir}/log 2>/dev/null || :`).split('\n').filter(Boolean)
  return {
    host,
    dir,
    log,
    begun: step => waitUntil(`${name} begins step ${step}`, () => log().includes(`begin ${step}`)),
    release: () => void host.root(`: >${dir}/go`),
    stopping: () =>
      waitUntil(
        `${name} is asked to stop`,
        () => host.root('ls /dev/shm/brd.*/stop 2>/dev/null || :') !== '',
      ),
    processes: what =>
      host
        .root('ps -eo args=')
        .split('\n')
        .filter(line => what.test(line)),
    lease: () => host.root('readlink /run/brd/lease || :').trim(),
    clean: async () => {
      // A test that failed halfway must not hold the host for the tests after it.
      host.root(`[ ! -d ${dir} ] || : >${dir}/go`)
      await waitUntil(`${name} is left as it was`, () => host.root(LEFT) === '', 10).catch(() =>
        assert.is(host.root(LEFT), ''),
      )
      host.root(`rm -rf ${dir}`)
    },
  }
}
