import type { Output } from '../../operation.ts'
import type { Shell } from '../root-shell.ts'
import { COMMAND_BYTES, PROBE_BYTES } from './library.ts'

/** What a round sends back, frame by frame. `id` is the operation's place in the list. */
export type Frame =
  | { readonly type: 'held' | 'waiting'; readonly by: string }
  | { readonly type: 'start' | 'stale' | 'stopped'; readonly id: number }
  | { readonly type: 'changed' | 'probed'; readonly id: number; readonly output: Output }
  /** A part of what the running change prints. Some of it may be left out. */
  | { readonly type: 'printed'; readonly id: number; readonly bytes: Buffer }

/**
 * The frames of the round that was just sent, until its end. Rejects with ShellLost when the
 * channel ends before.
 */
export async function* readFrames(shell: Shell, nonce: string): AsyncGenerator<Frame> {
  for (;;) {
    const [verb = '', ...words] = (await shell.line()).split(' ')
    if (verb === 'end') return
    if (verb === 'held' || verb === 'waiting') yield { type: verb, by: words.join(' ') }
    else if (verb === 'start' || verb === 'stale' || verb === 'stopped')
      yield { type: verb, id: Number(words[0]) }
    else if (verb === 'data') yield* readData(shell, words, nonce)
    else if (verb === 'said') yield await readSaid(shell, words, nonce)
    else if (verb === 'full') yield* readFull(shell, words)
    else
      throw new Error(
        `the host answered with a frame that is not ours: ${JSON.stringify(verb.slice(0, 80))}`,
      )
  }
}

/** Every probe of the round: exit codes, sizes, then the bytes. */
async function* readData(
  shell: Shell,
  files: readonly string[],
  nonce: string,
): AsyncGenerator<Frame> {
  const codes = (await shell.line()).trim().split(' ')
  const sizes: number[] = []
  // the last two: /dev/null and the total
  for (let i = 0; i < files.length * 2 + 2; i++) sizes.push(parseSize(await shell.line()))
  const bodies: Buffer[] = []
  for (const size of sizes.slice(0, -2)) bodies.push(await shell.bytes(size))
  await verifyTail(shell, nonce)
  for (const [i, file] of files.entries()) {
    const stdout = bodies[2 * i] as Buffer
    const output = {
      ...parseCode(codes[i] ?? '1', PROBE_BYTES),
      ...(stdout.length < PROBE_BYTES ? {} : { cut: explainLength(PROBE_BYTES) }),
      stdout,
      stderr: (bodies[2 * i + 1] as Buffer).toString(),
    }
    yield { type: 'probed', id: Number(file.slice(1)), output }
  }
}

/**
 * One change: its number, exit code and sizes, then the bytes. Nothing is left out of a command.
 */
const readSaid = async (
  shell: Shell,
  [id, code = '1', ...sizes]: readonly string[],
  nonce: string,
): Promise<Frame> => {
  const [out = 0, err = 0] = sizes.map(Number)
  const stdout = await shell.bytes(out)
  const stderr = (await shell.bytes(err)).toString()
  await verifyTail(shell, nonce)
  const output = { ...parseCode(code, COMMAND_BYTES), stdout, stderr }
  return { type: 'changed', id: Number(id), output }
}

/** The host has no room for what its probes printed; how they ended is known. */
async function* readFull(shell: Shell, files: readonly string[]): AsyncGenerator<Frame> {
  const codes = (await shell.line()).trim().split(' ')
  for (const [i, file] of files.entries()) {
    const output = { ...parseCode(`${codes[i]}f`, 0), stdout: Buffer.alloc(0), stderr: '' }
    yield { type: 'probed', id: Number(file.slice(1)), output }
  }
}

/** An exit code, and a letter if what was printed is not whole: too long, or the host is full. */
const parseCode = (code: string, most: number): Pick<Output, 'exitCode' | 'cut'> => {
  const exitCode = Number.parseInt(code, 10)
  if (code.endsWith('l')) return { exitCode, cut: explainLength(most) }
  if (code.endsWith('f')) return { exitCode, cut: NO_ROOM }
  return { exitCode }
}

const NO_ROOM = 'the host has no room for what it printed: /dev/shm and /tmp are full'
const explainLength = (most: number): string =>
  `it printed more than ${most / 1024 / 1024} MiB, of which the end was kept at most`

/** What `wc` counted. Where it could not, nothing follows that could be waited for. */
const parseSize = (line: string): number => {
  if (!/^\s*\d/.test(line))
    throw new Error('the host could not hand over what was printed: is its memory (/dev/shm) full?')
  return Number.parseInt(line, 10)
}

/**
 * The data must be followed by an empty line and `whole NONCE`: otherwise the bytes were
 * miscounted, and nothing of them is taken.
 */
const verifyTail = async (shell: Shell, nonce: string): Promise<void> => {
  if ((await shell.line()) !== '' || (await shell.line()) !== `whole ${nonce}`)
    throw new Error('the host sent other bytes than it counted: nothing of this round is taken')
}
