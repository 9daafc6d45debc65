import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Payload } from '../operation.ts'
import { Secret } from '../secret.ts'
import { Frames, ShellLost } from './byte-reader.ts'
import type { Process } from './connection.ts'

/** The PATH for a host's tools. Fixed, so that a login's own PATH changes nothing. */
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Renders what the remote shell runs: it makes a folder in memory, then reads rounds from stdin
 * (`round N`, then N bytes of script) until stdin ends. One line without single quotes or
 * backslashes: any login shell passes it on unread. Folders that a dead shell left behind are
 * removed.
 */
export const renderBootScript = (path: string = PATH): string =>
  [
    `umask 077; cd /; LC_ALL=C; PATH=${path}; export LC_ALL PATH`,
    'unset LANG LANGUAGE IFS ENV BASH_ENV; lease=',
    'for d in /dev/shm/brd.*; do p=${d#*.}; kill -0 "${p%.*}" 2>/dev/null || [ ! -O "$d" ]' +
      ' || rm -rf -- "$d"; done',
    'd=$(mktemp -d /dev/shm/brd.$$.XXXXXX 2>/dev/null || mktemp -d) || exit 97',
    // Only for the shell itself: bash lets a child that is ended right after its fork run the traps
    // of its parent.
    '_bye() { read -r x y </proc/self/stat; [ "$x" != $$ ] || rm -rf $d $lease; }',
    'trap _bye 0; trap "exit 129" HUP TERM INT PIPE',
    'while read -r t n; do case $t in' +
      ' round) eval "$(dd bs="$n" count=1 iflag=fullblock 2>/dev/null)";; esac; done',
  ].join('; ')

/** Encodes one round as a root shell reads it from stdin: its length, then its script. */
export const encodeRound = (script: string): readonly [header: string, script: Buffer] => {
  const bytes = Buffer.from(script)
  return [`round ${bytes.length}\n`, bytes]
}

/** A persistent shell on a host that is fed whole rounds. */
export class Shell {
  readonly frames: Frames
  readonly #process: Process
  #stderr = ''
  /** Its folder in memory and its process id on the host, known after the first hello. */
  dir = ''
  pid = 0
  /** How many rounds it has been sent. */
  rounds = 0
  /** True while a round is on its way: another one would be read as a part of it. */
  busy = false
  /** True once it has ended or its link was lost: nothing can be sent to it any more. */
  over = false
  /**
   * Rejects with ShellLost when the channel is closed from here: a silent link would not end what
   * is read from it.
   */
  readonly dropped: Promise<never>
  #giveUp: () => void = () => {}
  constructor(process: Process) {
    this.dropped = new Promise((_, reject) => {
      this.#giveUp = () => reject(new ShellLost('given up'))
    })
    this.dropped.catch(() => {})
    this.#process = process
    this.frames = new Frames(process.stdout)
    process.stderr.on('data', chunk => {
      this.#stderr = (this.#stderr + String(chunk)).slice(-4000)
    })
    process.stdin.on('error', () => {}) // a lost link shows as the end of stdout
    void process.exit.then(() => {
      this.over = true
    })
  }

  /**
   * Sends one round: its script, then the payloads in the order in which the script reads them.
   * Waits for its hello.
   */
  async round(script: string, payloads: readonly Payload[], nonce: string): Promise<void> {
    const sent = this.#send([...encodeRound(script), ...payloads.flatMap(encodePayload)])
    sent.catch(() => {}) // seen as the end of stdout
    for (;;) {
      const line = await this.line()
      const at = line.indexOf(`hello ${nonce} `)
      if (at < 0) continue // a banner, or sudo's word: noise
      const [, , dir = '', pid = ''] = line.slice(at).split(' ')
      this.dir = dir
      this.pid = Number(pid)
      return
    }
  }

  /** The next line of the channel. A lost shell says what stderr last told. */
  async line(): Promise<string> {
    return this.frames.line().catch((error: unknown) => this.#lost(error))
  }

  async bytes(count: number): Promise<Buffer> {
    return this.frames.bytes(count).catch((error: unknown) => this.#lost(error))
  }

  /**
   * Ends the shell in good order: it removes its folder and its lease. Bounded: after five seconds
   * the channel is closed.
   */
  async end(): Promise<void> {
    this.#process.stdin.end()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise(resolve => {
      timer = setTimeout(resolve, 5000)
    })
    await Promise.race([this.#process.exit, late])
    clearTimeout(timer)
    this.drop()
  }

  /**
   * Once nothing more comes from it: whether it is known to have ended, so that all it said has
   * come. False where its link was lost or given up, and
   * where no word of its end comes within a second.
   */
  async ended(): Promise<boolean> {
    const ends = Promise.race([this.#process.exit, this.dropped]).then(
      ({ code, signal }) => code !== null || signal !== null,
      () => false,
    )
    return Promise.race([ends, sleep(1000, false, { ref: false })])
  }

  /** Closes the channel immediately. */
  drop(): void {
    this.over = true
    this.#process.close()
    this.#giveUp()
  }

  async #send(chunks: readonly (string | Buffer)[]): Promise<void> {
    const { stdin } = this.#process
    for (const chunk of chunks.flatMap(sliceChunk))
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), this.#process.exit])
  }

  #lost(error: unknown): never {
    if (!(error instanceof ShellLost)) throw error
    this.over = true
    const said = this.#stderr.trim()
    throw new ShellLost(said ? `${error.message}: ${said.slice(-300)}` : error.message, {
      cause: error,
    })
  }
}

/**
 * Bytes that are written at a time: ssh2 encrypts a chunk immediately, and keeps it until it is
 * sent.
 */
const SLICE = 256 * 1024

/** Large bytes as views of their parts. */
const sliceChunk = (chunk: string | Buffer): (string | Buffer)[] =>
  typeof chunk === 'string' || chunk.length <= SLICE
    ? [chunk]
    : Array.from({ length: Math.ceil(chunk.length / SLICE) }, (_, i) =>
        chunk.subarray(i * SLICE, (i + 1) * SLICE),
      )

/** Encodes a payload as the bytes that travel. Secrets are revealed here, and nowhere before. */
const encodePayload = (payload: Payload): (string | Buffer)[] =>
  (Array.isArray(payload) ? payload : [payload]).map(part =>
    part instanceof Secret ? part.reveal() : (part as string | Buffer),
  )

/** Counts the bytes of a payload, which the script reads. */
export const countPayloadBytes = (payload: Payload | undefined): number =>
  payload === undefined
    ? 0
    : encodePayload(payload).reduce((sum, part) => sum + Buffer.byteLength(part), 0)
