import type { Readable } from 'node:stream'

/** The channel ended before what was awaited had come: the link was lost, or the shell died. */
export class ShellLost extends Error {}

/** Reads lines and exact byte counts from a stream, in turn. */
export class Frames {
  readonly #source: AsyncIterator<Buffer>
  #chunks: Buffer[] = []
  #size = 0
  constructor(stream: Readable) {
    this.#source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  /**
   * The next line without its newline, bytes read as Latin-1. Rejects with ShellLost at the end of
   * the stream.
   */
  async line(): Promise<string> {
    for (let searched = 0; ; ) {
      const at = this.#indexOfNewline(searched)
      if (at >= 0) return this.#take(at + 1).toString('latin1', 0, at)
      searched = this.#chunks.length
      await this.#more()
    }
  }

  /** Exactly so many bytes. Rejects with ShellLost when the stream ends before. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#size < count) await this.#more()
    return this.#take(count)
  }

  #indexOfNewline(fromChunk: number): number {
    let offset = 0
    for (const [i, chunk] of this.#chunks.entries()) {
      const at = i < fromChunk ? -1 : chunk.indexOf(10)
      if (at >= 0) return offset + at
      offset += chunk.length
    }
    return -1
  }

  #take(count: number): Buffer {
    const all =
      this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
    const rest = all.subarray(count)
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#size = rest.length
    return all.subarray(0, count)
  }

  async #more(): Promise<void> {
    const next = await this.#source.next().catch((cause: unknown) => {
      throw new ShellLost('the channel broke', { cause })
    })
    if (next.done) throw new ShellLost('the channel ended')
    this.#chunks.push(next.value)
    this.#size += next.value.length
  }
}
