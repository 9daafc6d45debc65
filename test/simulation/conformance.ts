import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { converge } from '../../lib/converge/converge.ts'
import { Deferred } from '../../lib/deferred.ts'
import type { EventBody } from '../../lib/events.ts'
import type { Connection, Exit, Process } from '../../lib/transport/connection.ts'
import { renderBootScript } from '../../lib/transport/root-shell.ts'
import { type Connector, Session } from '../../lib/transport/session.ts'
import { reconnect } from '../../lib/transport/ssh/reconnect.ts'
import { findPath, findShell, type SHELLS } from '../support/shells.ts'
import { inVirtualTime } from './clock.ts'
import { SimulatedHost } from './host/host.ts'
import { makeOperations, type Spec } from './operations.ts'
import { Random } from './random.ts'

/** What is done to a host at the moment at which an operation's change begins. */
export type Deed = 'cut' | 'kill-shell' | 'stop' | 'stop twice' | 'edit'

export type Row = {
  readonly specs: readonly Spec[]
  readonly check?: boolean
  /** The place of the operation, and what is done when it begins. */
  readonly at?: number
  readonly deed?: Deed
  /** Files that are there before, by their names. */
  readonly files?: Readonly<Record<string, string>>
  readonly deadLease?: boolean
}

/** A host, real or simulated, on which a row is played. */
export type Subject = {
  readonly connector: Connector
  readonly root: string
  readonly lease: string
  readonly put: (name: string, text: string) => void
  readonly putLink: (path: string, text: string) => void
  readonly list: () => Record<string, string>
  readonly cut: () => void
  readonly killShell: () => void
}

export const DEAD_LEASE =
  '77 1234 77 1234 00000000-0000-4000-8000-000000000000 gone@far 2026-11-26 08:00'

/** What is seen of a row: the events and the files, without what differs from host to host. */
export type Told = { readonly events: readonly string[]; readonly files: Record<string, string> }

/** Plays a row twice and tells what was seen. */
export const playRow = async (row: Row, subject: Subject): Promise<Told> => {
  const events: string[] = []
  for (const [name, text] of Object.entries(row.files ?? {})) subject.put(name, text)
  if (row.deadLease) subject.putLink(subject.lease, DEAD_LEASE)
  let left: Deed | undefined = row.deed
  for (const turn of ['first', 'second']) {
    const session = new Session(subject.connector)
    const stop = { requested: false }
    const told: Promise<void>[] = []
    const press = (how: 'stop' | 'kill'): void => {
      stop.requested = true
      told.push(session.interrupt(how).catch(() => {}))
    }
    const act = (deed: Deed): void => {
      if (deed === 'cut') subject.cut()
      if (deed === 'kill-shell') subject.killShell()
      if (deed === 'edit') subject.put('edited', 'v0 by hand end\n')
      if (deed.startsWith('stop')) press('stop')
      if (deed === 'stop twice') setTimeout(() => press('kill'), 300)
    }
    const { result, trips } = await converge(
      makeOperations(subject.root, row.specs, new Deferred<string>('the token')),
      {
        host: 'host',
        shell: seconds => session.shell(seconds),
        check: row.check ?? false,
        lease: { path: subject.lease, who: 'ann@desk 2026' },
        stop,
        emit: event => {
          events.push(...describe(event))
          if (event.type !== 'op-started' || event.op !== row.at || !left) return
          act(left)
          left = undefined
        },
      },
    )
    await Promise.all(told)
    await session.end()
    events.push(`${turn}: ${result} in ${trips}`)
  }
  return { events, files: subject.list() }
}

const describe = (event: EventBody): string[] => {
  switch (event.type) {
    case 'op-settled': {
      const { op, outcome } = event
      const why = outcome.is === 'failed' ? `: ${outcome.error.message}` : ''
      return [`${op} ${outcome.is}${why.replace(/\d{3,}/g, 'N')}`]
    }
    case 'op-started':
    case 'op-planned':
    case 'op-unknown':
      return [`${event.op} ${event.type}`]
    case 'round-started':
      return [`round ${event.round} with ${event.changes}`]
    case 'note':
      // how long an ended shell's watchdog still sleeps is chance
      if (event.text.startsWith('waiting for process')) return []
      return [event.text.replace(/\d{3,}/g, 'N').replace(/\(.*?\)/, '')]
    default:
      return []
  }
}

/** Plays a row on a simulated host. */
export const playSimulated = (row: Row): Promise<Told> =>
  inVirtualTime(async agenda => {
    const host = new SimulatedHost('host', agenda, new Random(7))
    const shells = () => [...host.kernel.processes.values()].filter(({ isShell }) => isShell)
    return playRow(row, {
      connector: host.connector('ann'),
      root: '/srv',
      lease: '/run/brd/lease',
      put: (name, text) => host.files.put(`/srv/${name}`, text),
      putLink: (path, text) => {
        host.files.makeFolders('/run/brd')
        host.files.makeLink(text, path)
      },
      list: () =>
        Object.fromEntries(
          host.files.list('/srv').map(path => [path.slice(5), host.files.read(path) ?? '']),
        ),
      cut: () => {
        for (const link of host.links) link.cut({ here: 0, there: 0 })
      },
      killShell: () => {
        for (const shell of shells()) host.kernel.send(shell, 'KILL')
      },
    })
  })

/** Plays a row in a real shell of this machine, in a folder of its own. */
export const playReal = async (name: (typeof SHELLS)[number], row: Row): Promise<Told> => {
  const path = findPath(name)
  const folder = mkdtempSync(join(tmpdir(), 'brd-conformance-'))
  const root = join(folder, 'srv')
  mkdirSync(root)
  const open = new Map<ReturnType<typeof spawn>, () => void>()
  const start = async (): Promise<Process> => {
    const child = spawn(findShell(name), ['-c', renderBootScript(path)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const { stdin, stdout, stderr } = child
    for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {})
    let closed = () => {}
    const exit = new Promise<Exit>(resolve => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
      closed = () => resolve({ code: null, signal: null })
    })
    const close = (): void => {
      stdout.push(null)
      for (const stream of [stdin, stdout, stderr]) stream.destroy()
      closed()
      open.delete(child)
    }
    open.set(child, close)
    return { stdin, stdout, stderr, exit, close }
  }
  const connection: Connection = { host: 'host', start, close: async () => {} }
  const connector: Connector = {
    host: 'host',
    connect: (again, signal) =>
      again ? reconnect(async () => connection, { signal }) : Promise.resolve(connection),
    rootShell: open => open.start(''),
  }
  try {
    return await playRow(row, {
      connector,
      root,
      lease: join(folder, 'run/lease'),
      put: (file, text) => writeFileSync(join(root, file), text),
      putLink: (link, text) => {
        mkdirSync(join(folder, 'run'))
        symlinkSync(text, link)
      },
      list: () =>
        Object.fromEntries(
          readdirSync(root)
            .sort()
            .map(file => [file, readFileSync(join(root, file), 'utf8')]),
        ),
      cut: () => {
        for (const close of open.values()) close()
      },
      killShell: () => {
        for (const child of open.keys()) child.kill('SIGKILL')
      },
    })
  } finally {
    for (const child of open.keys()) child.kill('SIGKILL')
    if (existsSync(folder)) rmSync(folder, { recursive: true })
  }
}
