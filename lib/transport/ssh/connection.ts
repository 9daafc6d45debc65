import { setTimeout as delay } from 'node:timers/promises'
import pLimit from 'p-limit'
import type { Client, ClientChannel } from 'ssh2'
import { type Connection, type Exit, type Process, Unreachable } from '../connection.ts'
import type { Login } from './login.ts'

/** sshd allows ten sessions on a connection (MaxSessions). */
const channels = 10

/** Milliseconds that the host may take to open a channel. */
const patience = 15_000

/**
 * Milliseconds between the tries to open a channel that the host refuses. sshd counts a session
 * until it has cleared it away, which may be after the client has seen its end.
 */
const pauses = [50, 100, 200, 400, 800, 1600]

/**
 * Opens a login as a Connection. At most ten processes run at the same time; others wait.
 */
export const openSession = (
  { target: { host }, client, key }: Login,
  close: () => Promise<void>,
): Connection => {
  const turn = pLimit(channels)
  let open = true
  const lost = new Promise<void>(resolve => {
    client.once('close', () => {
      open = false
      resolve()
    })
  })
  const begin = async (command: string): Promise<Process> => {
    if (!open) throw new Unreachable(host, 'the connection is closed')
    return await openInTurn(host, client, command, lost)
  }
  return {
    host,
    key,
    start: command =>
      new Promise((resolve, reject) => {
        const held = turn(async () => {
          const process = await begin(command)
          resolve(process)
          await process.exit
        })
        held.catch(reject)
      }),
    close,
  }
}

/** Opens a channel, again after each pause if the host refuses: then the command has not begun. */
const openInTurn = async (
  host: string,
  client: Client,
  command: string,
  lost: Promise<void>,
): Promise<Process> => {
  for (const pause of pauses)
    try {
      return await openChannel(host, client, command, lost)
    } catch (error) {
      if (!isRefused(error)) throw error
      await delay(pause)
    }
  return await openChannel(host, client, command, lost)
}

/** True if the host answered that it does not open a channel. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  /^\(SSH\) Channel open failure/.test(error.cause.message)

/**
 * Starts a process that runs the command. Its listeners are attached immediately: a short command
 * reports its end in the same packet.
 */
const openChannel = (
  host: string,
  client: Client,
  command: string,
  lost: Promise<void>,
): Promise<Process> =>
  new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => reject(new Unreachable(host, why, { cause }))
    const timer = setTimeout(() => fail(`no channel within ${patience / 1000} s`), patience)
    client.exec(command, (error, channel) => {
      clearTimeout(timer)
      if (error) fail(`cannot open a channel: ${error.message}`, error)
      else resolve(createProcess(channel, lost))
    })
  })

/**
 * A channel as a Process. Its exit is what the host said, or nothing when the channel ended without
 * a word.
 */
const createProcess = (channel: ClientChannel, lost: Promise<void>): Process => {
  // a lost link shows as the end of stdout and in the exit
  for (const stream of [channel, channel.stderr]) stream.on('error', () => {})
  const exit = new Promise<Exit>(resolve => {
    const end = (code: number | null = null, signal: string | null = null) =>
      resolve({ code: code ?? null, signal: signal ?? null })
    channel.once('exit', end)
    channel.once('close', () => end())
    void lost.then(() => end())
  })
  return {
    stdin: channel,
    stdout: channel,
    stderr: channel.stderr,
    exit,
    close: () => channel.close(),
  }
}
