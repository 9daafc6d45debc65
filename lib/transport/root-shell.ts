import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Payload } from '../operation.ts'
import { Secret } from '../secret.ts'
import { Frames, ShellLost } from './byte-reader.ts'
import type { Process } from './connection.ts'
import { LiveParts } from './protocol/live-output.ts'
import { REQUIRED_TOOLS } from './protocol/required-tools.ts'
import { readUnfit } from './protocol/unfit-host.ts'

/** The PATH for a host's tools. Fixed, so that a login's own PATH changes nothing. */
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Renders what the remote shell runs: it looks for the tools that a host must have, makes a folder
 * in
 * memory (or, if that is not possible, in /tmp), then reads rounds from stdin (`round N`, then N
 * bytes of script) until stdin ends. One line without single quotes or backslashes: any login shell
 * passes it on unread. Folders that a dead shell left behind are removed; those of living shells
 * (`$near`) go out with the first hello.
 */
export const renderBootScript = (
  path: string = PATH,
  [memory, disk]: readonly [string, string] = ['/dev/shm', '/tmp'],
): string =>
  [
    `umask 077; cd /; LC_ALL=C; PATH=${path}; export LC_ALL PATH`,
    'unset LANG LANGUAGE IFS ENV BASH_ENV; lease= near= m=',
    `far=${disk}`,
    `for t in ${REQUIRED_TOOLS.join(' ')}; do command -v $t >/dev/null 2>&1 || m="$m $t"; done`,
    '[ -z "$m" ] || { echo "brd-missing$m"; exit 96; }',
    `for b in ${memory} ${disk}; do d=$(mktemp -d $b/brd.$$.XXXXXX 2>/dev/null) &&` +
      ' { echo idle >$d/now; } 2>/dev/null && break; [ -z "$d" ] || rm -rf -- "$d"; d=; done',
    `[ -n "$d" ] || { echo "brd-no-room ${memory} ${disk}"; exit 97; }; o=$d`,
    `for b in ${memory}/brd.* ${disk}/brd.*; do [ -O "$b" ] && [ "$b" != "$d" ] || continue;` +
      ' p=${b##*brd.}; p=${p%.*}; if kill -0 "$p" 2>/dev/null &&' +
      ' { ! read -r x 2>/dev/null <"/proc/$p/stat" || case ${x##*) } in [ZX]*) false;; esac; };' +
      ' then near="$near $b";' +
      ' else rm -rf -- "$b"; fi; done',
    // Only for the shell itself: bash lets a child that is ended right after its fork run the traps
    // of its parent. Another signal must not end the cleaning. A lease that another run has taken
    // over stays.
    '_bye() { trap "" HUP TERM INT PIPE; read -r x y </proc/self/stat;' +
      ' [ "$x" = $$ ] || return; case $(readlink "$lease") in "$mine"|"") ;; *) lease=;; esac;' +
      ' rm -rf $d $o $lease; }',
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
  readonly #live = new LiveParts()
  readonly #greet: ((shell: Shell) => void) | undefined
  #stderr = ''
  /** Its folder in memory and its process id on the host, known after the first hello. */
  dir = ''
  pid = 0
  /** The folders of other shells that live on the host, as its first hello told them. */
  near: readonly string[] = []
  /** Hears what a running change prints, in parts. */
  onPrinted: ((nonce: string, id: number, bytes: Buffer) => void) | undefined
  /** How many rounds it has been sent. */
  rounds = 0
  /** True while a round is on its way: another one would be read as a part of it. */
  busy = false
  /** True once it has ended or its link was lost: nothing can be sent to it any more. */
  over = false
  /**
   * Rejects when the channel is closed from here, with the reason: a silent link would not end what
   * is read from it.
   */
  readonly dropped: Promise<never>
  #giveUp: (why: unknown) => void = () => {}
  /** Settles when its folder is known, or when it is over. Never rejects. */
  readonly greeted: Promise<void>
  #meet: () => void = () => {}
  /** `greet` hears of it once its folder is known; what it throws ends the shell. */
  constructor(process: Process, greet?: (shell: Shell) => void) {
    this.#greet = greet
    this.dropped = new Promise((_, reject) => {
      this.#giveUp = reject
    })
    this.dropped.catch(() => {})
    this.greeted = new Promise(resolve => {
      this.#meet = resolve
    })
    this.#process = process
    this.frames = new Frames(process.stdout)
    process.stderr.on('data', chunk => {
      const noise = this.#live.take(chunk, (...printed) => this.onPrinted?.(...printed))
      this.#stderr = (this.#stderr + noise).slice(-4000)
    })
    process.stdin.on('error', () => {}) // a lost link shows as the end of stdout
    void process.exit.then(() => {
      this.over = true
      this.#meet()
    })
  }

  /**
   * Sends one round: its script, then the payloads in the order in which the script reads them.
   * Waits for its hello. Rejects with MissingTools or NoRoom if the host cannot be worked on.
   */
  async round(script: string, payloads: readonly Payload[], nonce: string): Promise<void> {
    const sent = this.#send([...encodeRound(script), ...payloads.flatMap(encodePayload)])
    sent.catch(() => {}) // seen as the end of stdout
    for (;;) {
      const line = await this.line()
      const unfit = this.dir === '' ? readUnfit(line) : null
      if (unfit) this.#refuse(unfit)
      const at = line.indexOf(`hello ${nonce} `)
      if (at < 0) continue // a banner, or sudo's word: noise
      const [, , dir = '', pid = '', ...near] = line.slice(at).split(' ')
      const first = this.dir === ''
      this.dir = dir
      this.pid = Number(pid)
      this.#meet()
      if (first) this.#introduce(near)
      return
    }
  }

  #introduce(near: readonly string[]): void {
    this.near = near
    try {
      this.#greet?.(this)
    } catch (error) {
      this.#refuse(error)
    }
  }

  #refuse(error: unknown): never {
    this.drop(error)
    throw error
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

  /** Closes the channel immediately. Who waits for its answer hears why. */
  drop(why: unknown = new ShellLost('given up')): void {
    this.over = true
    this.#giveUp(why)
    this.#process.close()
    this.#meet()
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
