import type { Output } from '../../operation.ts'
import type { Shell } from '../root-shell.ts'

/** What a round sends back, frame by frame. `id` is the operation's place in the list. */
export type Frame =
  | { readonly type: 'missing'; readonly tools: readonly string[] }
  | { readonly type: 'held' | 'waiting'; readonly by: string }
  | { readonly type: 'start' | 'stale' | 'stopped'; readonly id: number }
  | { readonly type: 'changed' | 'probed'; readonly id: number; readonly output: Output }

/**
 * The frames of the round that was just sent, until its end. Rejects with ShellLost when the
 * channel ends before.
 */
export async function* readFrames(shell: Shell, nonce: string): AsyncGenerator<Frame> {
  for (;;) {
    const [verb = '', ...words] = (await shell.line()).split(' ')
    if (verb === 'end') return
    if (verb === 'missing') yield { type: 'missing', tools: words }
    else if (verb === 'held' || verb === 'waiting') yield { type: verb, by: words.join(' ') }
    else if (verb === 'start' || verb === 'stale' || verb === 'stopped')
      yield { type: verb, id: Number(words[0]) }
    else if (verb === 'data') yield* readData(shell, words, nonce)
    else
      throw new Error(
        `the host answered with a frame that is not ours: ${JSON.stringify(verb.slice(0, 80))}`,
      )
  }
}

async function* readData(
  shell: Shell,
  files: readonly string[],
  nonce: string,
): AsyncGenerator<Frame> {
  const codes = (await shell.line()).trim().split(' ').map(Number)
  const sizes: number[] = []
  // the last two: /dev/null and the total
  for (let i = 0; i < files.length * 2 + 2; i++) sizes.push(parseSize(await shell.line()))
  const bodies: Buffer[] = []
  for (const size of sizes.slice(0, -2)) bodies.push(await shell.bytes(size))
  await verifyTail(shell, nonce)
  for (const [i, file] of files.entries()) {
    const output = {
      exitCode: codes[i] ?? 1,
      stdout: bodies[2 * i] as Buffer,
      stderr: (bodies[2 * i + 1] as Buffer).toString(),
    }
    yield { type: file.startsWith('c') ? 'changed' : 'probed', id: Number(file.slice(1)), output }
  }
}

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
  await shell.line()
  if ((await shell.line()) !== `whole ${nonce}`)
    throw new Error('the host sent other bytes than it counted: nothing of this round is taken')
}
