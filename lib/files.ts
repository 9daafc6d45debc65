import type { Lease } from './converge/exchange.ts'
import { Ended } from './ended.ts'
import { fetchTo, readRemote } from './fetch.ts'
import type { Host } from './inventory/inventory.ts'
import type { Diff } from './operation.ts'
import type { Path } from './operations/parts/entry.ts'
import type { Session } from './session.ts'
import { type Synchronise, synchronise } from './synchronise.ts'

/** What a run tells of itself to what it does with files. */
export type FilesOptions = {
  readonly session: (host: Host) => Session
  readonly check: boolean
  /** False with --list-tasks: nothing is connected to. */
  readonly connects: boolean
  readonly lease: Lease
  readonly stop: () => { readonly requested: boolean }
  readonly note: (text: string, host: string) => void
}

/** A folder of a host. */
export type Folder = { readonly host: Host; readonly path: Path }

/** Files from host to host, and from a host to this machine: between two plays, since that is no state of one host. What cannot be done is thrown, with the host's name. */
export class Files {
  readonly #o: FilesOptions
  constructor(options: FilesOptions) {
    this.#o = options
  }

  /** The content of a file on a host, whole, proven by its hash; in check mode too. Of 64 MiB at most. */
  async read(host: Host, path: Path): Promise<Buffer> {
    if (!this.#o.connects) throw new Ended(`${host.name}: ${path} is not read: nothing is connected to`)
    return readRemote(this.#o.session(host), path)
  }

  /** A file of a host is on this machine, whole or not at all, readable by its owner alone; in check mode too. */
  async fetch(host: Host, path: Path, to: string): Promise<void> {
    if (this.#o.connects) await fetchTo(this.#o.session(host), path, to)
  }

  /** A folder of one host is as that of another. Only files that differ travel, through this machine. What differed is told; check mode changes nothing. */
  async synchronise(from: Folder, to: Folder, options: Synchronise = {}): Promise<Diff> {
    const { check, connects, lease, stop, note, session } = this.#o
    if (!connects) return []
    const place = ({ host, path }: Folder) => ({ session: session(host), path })
    const diff = await synchronise(place(from), place(to), options, { check, lease, stop: stop() })
    const differ = diff.length === 0 ? 'nothing differs' : `${diff.length} ${check ? 'differ' : 'differed'}`
    note(`${to.path} as ${from.path} of ${from.host.name}: ${differ}`, to.host.name)
    return diff
  }
}
