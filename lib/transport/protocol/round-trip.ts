import { randomBytes } from 'node:crypto'
import type { Sh } from '../../sh.ts'
import type { Shell } from '../root-shell.ts'
import { type Frame, frames } from './frames.ts'
import { type Probe, roundScript, type Step } from './script.ts'

/** What one round trip takes to the host. */
export type Trip = {
  readonly lease: Sh | null
  readonly steps: readonly Step[]
  readonly probes: readonly Probe[]
  /** After so many seconds the shell is given up. The host's own watchdog comes first. */
  readonly seconds: number
}

/** Sends a round, and hands over each frame of its answer as it comes. Rejects with ShellLost. */
export const trip = async (
  shell: Shell,
  { lease, steps, probes, seconds }: Trip,
  heard: (frame: Frame) => void,
): Promise<void> => {
  const nonce = randomBytes(8).toString('hex')
  const { script, payloads } = roundScript({
    nonce,
    round: ++shell.rounds,
    first: shell.rounds === 1,
    lease,
    steps,
    probes,
  })
  const timer = setTimeout(() => shell.drop(), seconds * 1000)
  const told = async (): Promise<void> => {
    await shell.round(script, payloads, nonce)
    for await (const frame of frames(shell, nonce)) heard(frame)
  }
  try {
    await Promise.race([told(), shell.dropped])
  } finally {
    clearTimeout(timer)
  }
}
