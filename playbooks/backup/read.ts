/** What an environment's services say of its backups, read in their own tasks. */
import { Unreadable } from '../../lib/backups/unreadable.ts'
import { describeExit } from '../../lib/errors/exit-status.ts'
import type { Environment as Entry, Host } from '../../lib/inventory/inventory.ts'
import { join, type Sh, sh } from '../../lib/sh.ts'
import { type Printed, readOnTerminal } from '../../lib/transport/ssh/terminal.ts'
import { findFirstManager } from '../cluster.ts'
import { findContainer, requireDocker } from '../deploy/daily.ts'
import type { FoundService } from '../deploy/services.ts'

/** Something that was read, or why it could not be. */
export type Read<T> =
  | { readonly value: T; readonly fault?: never }
  | { readonly fault: string; readonly value?: never }

/** How long a program may take to list something, in seconds. */
const ANSWER_SECONDS = 100

/** Runs a command in a service's task and reads what it prints. No key leaves the task. */
export type ReadInTask = <T>(
  service: FoundService,
  command: readonly string[],
  read: (text: string) => T,
) => Promise<Read<T>>

/** Opens the server that an environment's services run on, for reading. */
export const openTasks =
  (entry: Entry, { sshConfig }: { readonly sshConfig: boolean }): ReadInTask =>
  async (service, command, read) => {
    const printed = await readOnTerminal(entry.server, readInTask(entry, service, command), {
      sshConfig,
    })
    return readPrinted(entry.server, printed, read)
  }

/** What was printed, as a value; or what went wrong, in one line. */
export const readPrinted = <T>(
  { name }: Pick<Host, 'name'>,
  { code, stdout, stderr }: Printed,
  read: (text: string) => T,
): Read<T> => {
  const said = stderr
    .trim()
    .split(/\s*\n\s*/)
    .slice(-3)
    .join('; ')
  if (code === 255) return { fault: `${name}: cannot be reached: ${said || describeExit(code)}` }
  if (code === 124) return { fault: `${name}: no answer within ${ANSWER_SECONDS} s` }
  if (code !== 0) return { fault: said || `${name}: ${describeExit(code)}` }
  try {
    return { value: read(stdout) }
  } catch (error) {
    if (error instanceof Unreadable) return { fault: error.message }
    throw error
  }
}

/** The command in the task, with what is wrong with the server said first. */
export const readInTask = (
  { server, cluster }: Pick<Entry, 'server' | 'cluster'>,
  service: FoundService,
  command: readonly string[],
): Sh =>
  join([
    requireDocker({
      host: server.name,
      cluster: cluster.name,
      manager: server === findFirstManager(cluster),
    }),
    sh`${findContainer(service)}
exec docker exec "$id" timeout ${String(ANSWER_SECONDS)} ${command}`,
  ])
