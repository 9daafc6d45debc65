/** Takes what a running change printed: the round's nonce, the change's number, the bytes. */
export type TakePrinted = (nonce: string, id: number, bytes: Buffer) => void

const BEGIN = '\n=out '

/** Bytes of an unfinished part that are kept: a part of ours has fewer. */
const MOST = 64 * 1024

/**
 * The parts of a running change's output, which the watchdog sends on stderr between two
 * lines: `=out NONCE ID` and `=end NONCE`. Everything else is noise.
 */
export class LiveParts {
  #rest: Buffer = Buffer.alloc(0)

  /** Takes bytes of stderr, passes on the parts that are whole, and returns the noise. */
  take(chunk: Buffer, onPrinted: TakePrinted): string {
    this.#rest = Buffer.concat([this.#rest, chunk])
    let noise = ''
    for (;;) {
      const start = this.#rest.indexOf(BEGIN)
      if (start < 0) return noise + this.#giveUp(this.#rest.length - this.#countBegun())
      noise += this.#giveUp(start)
      const head = this.#rest.indexOf('\n', 1)
      const [, nonce = '', id = ''] = this.#rest.toString('latin1', 1, head).split(' ')
      const tail = Buffer.from(`\n=end ${nonce}\n`)
      const end = head < 0 ? -1 : this.#rest.indexOf(tail, head)
      if (end < 0) return noise + (this.#rest.length > MOST ? this.#giveUp(this.#rest.length) : '')
      onPrinted(nonce, Number(id), this.#rest.subarray(head + 1, end))
      this.#rest = this.#rest.subarray(end + tail.length)
    }
  }

  /** Bytes at the end that may be the beginning of a part. */
  #countBegun(): number {
    const end = this.#rest.toString('latin1', Math.max(0, this.#rest.length - BEGIN.length + 1))
    for (let length = end.length; length > 0; length--)
      if (BEGIN.startsWith(end.slice(-length))) return length
    return 0
  }

  #giveUp(bytes: number): string {
    const text = this.#rest.toString('utf8', 0, bytes)
    this.#rest = this.#rest.subarray(bytes)
    return text
  }
}
