import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { waitUntil } from './run-playbook.ts'

/** A process that has ended and that its parent does not ask for, until `end`. */
export const makeZombie = async (): Promise<{ pid: number; end: () => void }> => {
  const script = '{ read -r x <&3; } & echo $!; exec sleep 600 3<&-'
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  const [, output, , input] = parent.stdio as unknown as [null, Readable, null, Writable]
  const [pid] = (await once(createInterface({ input: output }), 'line')) as [string]
  // A shell would ask for it.
  await waitUntil('its parent is no shell', () => readProcess(parent.pid).includes('(sleep)'))
  input.end('end\n')
  await waitUntil('it has ended', () => readProcess(pid).includes(') Z '))
  return { pid: Number(pid), end: () => parent.kill('SIGKILL') }
}

/** Runs some work while there is one. */
export const withZombie = async <T>(work: (pid: number) => T | Promise<T>): Promise<T> => {
  const { pid, end } = await makeZombie()
  try {
    return await work(pid)
  } finally {
    end()
  }
}

const readProcess = (pid: number | string | undefined): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
