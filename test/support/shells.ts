import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Exit, Process } from '../../lib/transport/connection.ts'
import { PATH, renderBootScript, Shell } from '../../lib/transport/root-shell.ts'
import type { Connector } from '../../lib/transport/session.ts'
import { requirePrograms, skip } from '../../scripts/test/skip.ts'

/**
 * A busybox with all its applets in a folder of their own, made once a process, and curl beside
 * them; undefined where there is no busybox.
 */
const busybox = (): string | undefined => {
  const binary = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync)
  if (!binary) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'brd-busybox-'))
  chmodSync(folder, 0o755) // other users run it too
  process.on('exit', () => execFileSync('/bin/rm', ['-rf', folder]))
  for (const applet of execFileSync(binary, ['--list'], { encoding: 'utf8' }).trim().split('\n'))
    symlinkSync(binary, join(folder, applet))
  // What busybox has none of, and operations ask for.
  if (existsSync('/usr/bin/curl')) symlinkSync('/usr/bin/curl', join(folder, 'curl'))
  return folder
}

const applets = busybox()

/** The shells that fragments must run in. */
export const SHELLS = ['dash', 'bash', 'busybox'] as const

/**
 * The shells in which these commands can replace the host's. busybox always runs its own applets,
 * whatever PATH says.
 */
export const selectShells = (commands: readonly string[]): readonly (typeof SHELLS)[number][] =>
  SHELLS.filter(
    name =>
      name !== 'busybox' ||
      applets === undefined ||
      !commands.some(command => existsSync(join(applets, command))),
  )

/** The folder with busybox and its applets; skips if busybox is not installed. */
const requireApplets = (): string => applets ?? skip('busybox not installed on this machine')

/** The command that starts the shell; skips if the shell is not installed. */
export const findShell = (name: (typeof SHELLS)[number]): string => {
  if (name === 'busybox') return join(requireApplets(), 'sh')
  requirePrograms(name)
  return name
}

/** The PATH of the tools that go with the shell. */
export const findPath = (name: (typeof SHELLS)[number]): string =>
  name === 'busybox' ? requireApplets() : PATH

/** What is different on the machine of a test. */
type Differences = {
  /** Takes the place of the whole PATH. */
  readonly path?: string
  /** Where scratch folders are made, instead of /dev/shm and /tmp. */
  readonly folders?: readonly [string, string]
}

const start = (
  name: (typeof SHELLS)[number],
  tools?: string,
  { path: only, folders }: Differences = {},
): { started: Process; child: ChildProcess } => {
  const path = only ?? findPath(name)
  const child = spawn(
    findShell(name),
    ['-c', renderBootScript(tools === undefined ? path : `${tools}:${path}`, folders)],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    },
  )
  const exit = new Promise<Exit>(resolve =>
    child.on('exit', (code, signal) => resolve({ code, signal })),
  )
  return {
    started: {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      exit,
      close: () => {
        child.kill('SIGKILL')
        for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      },
    },
    child,
  }
}

/**
 * A runner's shell on this machine, in dash, bash or busybox (with busybox's own tools only).
 * `tools`: a folder of others, which go first.
 */
export const openShell = (
  name: (typeof SHELLS)[number],
  tools?: string,
  differences?: Differences,
): { shell: Shell; child: ChildProcess } => {
  const { started, child } = start(name, tools, differences)
  return { shell: new Shell(started), child }
}

/**
 * A host that is this machine, reached without ssh; `connects` counts the connections. `tools`: a
 * folder of others, which go first.
 */
export const localReach = (
  name: (typeof SHELLS)[number],
  connects: { count: number } = { count: 0 },
  tools?: string,
): Connector => {
  findShell(name) // a missing shell is a skip here, not a failed connection later
  return {
    host: 'here',
    connect: async () => {
      connects.count++
      return { host: 'here', start: async () => start(name, tools).started, close: async () => {} }
    },
    rootShell: connection => connection.start(''),
  }
}
