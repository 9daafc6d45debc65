import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Connection, Exit, Process } from './connection.ts'

/**
 * Connects to this machine. Each program gets a separate session, so that a ^C at the terminal does
 * not reach it: the runner decides what ends, as with any other host. Programs that still run when
 * the connection is closed are left alone.
 */
export const connectLocally = (host = 'localhost'): Connection => {
  const running = new Set<Process>()
  return {
    host,
    start: async command => {
      const process = await begin(command)
      running.add(process)
      void process.exit.then(() => running.delete(process))
      return process
    },
    close: async () => {
      for (const process of running) process.close()
    },
  }
}

const begin = async (command: string): Promise<Process> => {
  const child = spawn('/bin/sh', ['-c', command], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const { stdin, stdout, stderr } = child
  let closed = () => {}
  const exit = new Promise<Exit>(resolve => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    closed = () => resolve({ code: null, signal: null })
  })
  await once(child, 'spawn') // rejects when the shell cannot be started
  stdin.on('error', () => {}) // who closed its stdin shows in the exit
  const close = () => {
    for (const stream of [stdin, stdout, stderr]) stream.destroy()
    child.unref()
    closed()
  }
  return { stdin, stdout, stderr, exit, close }
}
