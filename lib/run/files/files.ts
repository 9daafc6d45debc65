import { ScriptError } from '../../errors/script-error.ts'
import type { Host } from '../../inventory/inventory.ts'
import type { Diff } from '../../operation.ts'
import type { Path } from '../../operations/file/entry.ts'
import { LEASE } from '../../transport/protocol/lease.ts'
import type { Session } from '../../transport/session.ts'
import { checkInScript } from '../calls.ts'
import type { RunContext } from '../context.ts'
import { fetchTo, readRemote } from './fetch.ts'
import { type Synchronise, synchronise } from './synchronise.ts'

/** A folder of a host. */
export type Folder = { readonly host: Host; readonly path: Path }

/**
 * Transfers files from host to host, and from a host to this machine: between two plays, because
 * that is not the state of one host. A failure is thrown with the host's name.
 */
export class Files {
  readonly #context: RunContext
  constructor(context: RunContext) {
    this.#context = context
  }

  /**
   * Reads a whole file of a host, verified by its hash; in check mode too. At most 64 MiB.
   */
  async read(host: Host, path: Path): Promise<Buffer> {
    checkInScript('run.files.read', { host, path })
    if (this.#isListing())
      throw new ScriptError(`${host.name}: ${path} is not read: nothing is connected to`)
    return this.#begin(() => readRemote(this.#openSession(host), path))
  }

  /**
   * Fetches a file of a host to this machine, whole or not at all, readable by its owner only; in
   * check mode too.
   */
  async fetch(host: Host, path: Path, to: string): Promise<void> {
    checkInScript('run.files.fetch', { host, path, to })
    if (this.#isListing()) return
    await this.#begin(() => fetchTo(this.#openSession(host), path, to))
  }

  /**
   * Makes a folder of one host like that of another. Only files that differ travel, through this
   * machine. Returns and notes what differed; check mode changes nothing.
   */
  async synchronise(from: Folder, to: Folder, options: Synchronise = {}): Promise<Diff> {
    checkInScript('run.files.synchronise from', from)
    checkInScript('run.files.synchronise to', to)
    checkInScript('run.files.synchronise', options)
    if (this.#isListing()) return []
    const check = this.#context.mode === 'check'
    const place = ({ host, path }: Folder) => ({ session: this.#openSession(host), path })
    const manner = {
      check,
      lease: { path: LEASE, who: this.#context.options.who },
      stop: this.#context.stop,
    }
    const diff = await this.#begin(() => synchronise(place(from), place(to), options, manner))
    const differ =
      diff.length === 0 ? 'nothing differs' : `${diff.length} ${check ? 'differ' : 'differed'}`
    this.#context.note(`${to.path} as ${from.path} of ${from.host.name}: ${differ}`, to.host.name)
    return diff
  }

  #openSession(host: Host): Session {
    this.#context.limit.require(host)
    return this.#context.sessions.get(host)
  }

  #begin<T>(work: () => Promise<T>): Promise<T> {
    if (this.#context.stop.requested) throw new ScriptError('interrupted')
    return this.#context.undos.follow(work())
  }

  /** With --list-tasks nothing is connected to. */
  #isListing(): boolean {
    return this.#context.mode === 'list'
  }
}
