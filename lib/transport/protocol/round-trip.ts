import { randomBytes } from 'node:crypto'
import type { Sh } from '../../sh.ts'
import { ShellLost } from '../byte-reader.ts'
import type { Shell } from '../root-shell.ts'
import { type Frame, readFrames } from './frames.ts'
import { type Probe, renderRound, type Step } from './script.ts'

/** What one round trip takes to the host. */
export type Round = {
  readonly lease: Sh | null
  readonly steps: readonly Step[]
  readonly probes: readonly Probe[]
  /** Seconds after which the shell is given up. The host's own watchdog acts earlier. */
  readonly seconds: number
}

/** Sends a round and passes on each frame of its answer as it arrives. Rejects with ShellLost. */
export const sendRound = async (
  shell: Shell,
  { lease, steps, probes, seconds }: Round,
  onFrame: (frame: Frame) => void,
): Promise<void> => {
  if (shell.busy) throw new Error('two rounds at the same time in one shell: take session.turns')
  shell.busy = true
  const nonce = randomBytes(8).toString('hex')
  const { script, payloads } = renderRound({
    nonce,
    round: ++shell.rounds,
    lease,
    steps,
    probes,
  })
  const late = () => shell.drop(new ShellLost(`no answer within ${seconds} s`))
  const timer = setTimeout(late, seconds * 1000)
  shell.onPrinted = (of, id, bytes) => {
    if (of === nonce) onFrame({ type: 'printed', id, bytes })
  }
  const answer = async (): Promise<void> => {
    await shell.round(script, payloads, nonce)
    for await (const frame of readFrames(shell, nonce)) onFrame(frame)
  }
  try {
    await Promise.race([answer(), shell.dropped])
  } finally {
    shell.onPrinted = undefined // it holds what the round carried
    shell.busy = false
    clearTimeout(timer)
  }
}
