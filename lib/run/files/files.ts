import type { CommonFlags } from '../../cli/flags.ts'
import { ScriptError } from '../../errors/script-error.ts'
import type { Host } from '../../inventory/inventory.ts'
import type { Diff } from '../../operation.ts'
import type { Path } from '../../operations/parts/entry.ts'
import { LEASE } from '../../transport/protocol/lease.ts'
import type { Session } from '../../transport/session.ts'
import type { RunOptions } from '../options.ts'
import { fetchTo, readRemote } from './fetch.ts'
import { type Synchronise, synchronise } from './synchronise.ts'

/** What a run was told. */
type Told = Pick<RunOptions<CommonFlags>, 'flags' | 'who'>

/** A folder of a host. */
export type Folder = { readonly host: Host; readonly path: Path }

/**
 * Files from host to host, and from a host to this machine: between two plays, since that is no
 * state of one host. What cannot be done is thrown, with the host's name.
 */
export class Files {
  readonly #run: Told
  readonly #session: (host: Host) => Session
  readonly #stop: () => { readonly requested: boolean }
  readonly #note: (text: string, host: string) => void
  constructor(
    run: Told,
    session: (host: Host) => Session,
    stop: () => { readonly requested: boolean },
    note: (text: string, host: string) => void,
  ) {
    this.#run = run
    this.#session = session
    this.#stop = stop
    this.#note = note
  }

  /**
   * The content of a file on a host, whole, proven by its hash; in check mode too. Of 64 MiB at
   * most.
   */
  async read(host: Host, path: Path): Promise<Buffer> {
    if (this.#lists())
      throw new ScriptError(`${host.name}: ${path} is not read: nothing is connected to`)
    return readRemote(this.#session(host), path)
  }

  /**
   * A file of a host is on this machine, whole or not at all, readable by its owner alone; in check
   * mode too.
   */
  async fetch(host: Host, path: Path, to: string): Promise<void> {
    if (!this.#lists()) await fetchTo(this.#session(host), path, to)
  }

  /**
   * A folder of one host is as that of another. Only files that differ travel, through this
   * machine. What differed is told; check mode changes nothing.
   */
  async synchronise(from: Folder, to: Folder, options: Synchronise = {}): Promise<Diff> {
    if (this.#lists()) return []
    const check = this.#run.flags.check === true
    const place = ({ host, path }: Folder) => ({ session: this.#session(host), path })
    const manner = { check, lease: { path: LEASE, who: this.#run.who }, stop: this.#stop() }
    const diff = await synchronise(place(from), place(to), options, manner)
    const differ =
      diff.length === 0 ? 'nothing differs' : `${diff.length} ${check ? 'differ' : 'differed'}`
    this.#note(`${to.path} as ${from.path} of ${from.host.name}: ${differ}`, to.host.name)
    return diff
  }

  /** With --list-tasks nothing is connected to. */
  #lists(): boolean {
    return this.#run.flags['list-tasks'] === true
  }
}
