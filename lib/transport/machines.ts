/** Two hosts of a run are one machine: neither may be worked on as if it were alone there. */
export class SameMachine extends Error {
  /** What the operator can do. */
  readonly next: string
  constructor(host: string, other: string) {
    super(`${host} is the same machine as ${other}`)
    this.name = 'SameMachine'
    this.next = `leave one of the two out (-l 'all:!${host}'), or take it out of hosts.yaml`
  }
}

/** A shell on a host: its folder there, and those of the shells that lived there when it began. */
export type ShellPlace = { readonly dir: string; readonly near: readonly string[] }

/** The machines of one run, told apart by the folders that the shells have on them. */
export class Machines {
  /** The host of each folder, and the folders that each host's shells have seen. */
  readonly #hosts = new Map<string, string>()
  readonly #seen = new Map<string, Set<string>>()

  /**
   * Registers a host's shell. Throws SameMachine if a shell of another host lives there: of two
   * that
   * began at the same time, one at least has seen the other's folder.
   */
  register(host: string, { dir, near }: ShellPlace): void {
    this.#hosts.set(dir, host)
    const seen = this.#seen.get(host) ?? new Set()
    this.#seen.set(host, seen)
    for (const folder of near) seen.add(folder)
    const others = [
      ...near.map(folder => this.#hosts.get(folder)),
      ...[...this.#seen].flatMap(([name, folders]) => (folders.has(dir) ? [name] : [])),
    ]
    const other = others.find(name => name !== undefined && name !== host)
    if (other !== undefined) throw new SameMachine(host, other)
  }
}
