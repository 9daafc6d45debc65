import { ScriptError } from '../../errors/script-error.ts'
import type { Host } from '../../inventory/inventory.ts'
import type { Diff } from '../../operation.ts'
import type { Path } from '../../operations/file/entry.ts'
import { LEASE } from '../../transport/protocol/lease.ts'
import type { RunContext } from '../context.ts'
import { fetchTo, readRemote } from './fetch.ts'
import { type Synchronise, synchronise } from './synchronise.ts'

/** A folder of a host. */
export type Folder = { readonly host: Host; readonly path: Path }

/**
 * Files from host to host, and from a host to this machine: between two plays, since that is no
 * state of one host. What cannot be done is thrown, with the host's name.
 */
export class Files {
  readonly #context: RunContext
  constructor(context: RunContext) {
    this.#context = context
  }

  /**
   * The content of a file on a host, whole, proven by its hash; in check mode too. Of 64 MiB at
   * most.
   */
  async read(host: Host, path: Path): Promise<Buffer> {
    if (this.#isListing())
      throw new ScriptError(`${host.name}: ${path} is not read: nothing is connected to`)
    return readRemote(this.#context.sessions.get(host), path)
  }

  /**
   * A file of a host is on this machine, whole or not at all, readable by its owner alone; in check
   * mode too.
   */
  async fetch(host: Host, path: Path, to: string): Promise<void> {
    if (!this.#isListing()) await fetchTo(this.#context.sessions.get(host), path, to)
  }

  /**
   * A folder of one host is as that of another. Only files that differ travel, through this
   * machine. What differed is told; check mode changes nothing.
   */
  async synchronise(from: Folder, to: Folder, options: Synchronise = {}): Promise<Diff> {
    if (this.#isListing()) return []
    const check = this.#context.mode === 'check'
    const place = ({ host, path }: Folder) => ({ session: this.#context.sessions.get(host), path })
    const manner = {
      check,
      lease: { path: LEASE, who: this.#context.options.who },
      stop: this.#context.signals,
    }
    const diff = await synchronise(place(from), place(to), options, manner)
    const differ =
      diff.length === 0 ? 'nothing differs' : `${diff.length} ${check ? 'differ' : 'differed'}`
    this.#context.note(`${to.path} as ${from.path} of ${from.host.name}: ${differ}`, to.host.name)
    return diff
  }

  /** With --list-tasks nothing is connected to. */
  #isListing(): boolean {
    return this.#context.mode === 'list'
  }
}
