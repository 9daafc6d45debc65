import type { CommonFlags } from '../cli/flags.ts'
import { ScriptError, toScriptError } from '../errors/script-error.ts'
import type { Host } from '../inventory/inventory.ts'
import { askYes } from '../report/ask.ts'
import type { Stage } from './context.ts'
import type { RunOptions } from './options.ts'
import type { Wish } from './remote/command.ts'
import { type Remote, remote } from './remote/remote.ts'

type Of = { readonly stage: Stage; readonly options: RunOptions<CommonFlags> }

/**
 * A host's shell between two plays. Check mode runs only what is said to read, --list-tasks
 * nothing.
 */
export const shellOf = (host: Host, { stage, options: { vault, flags } }: Of): Remote => {
  const not = ({ reads }: Wish): string | null => {
    if (stage.stop.requested) throw new ScriptError('interrupted')
    if (flags['list-tasks']) return 'nothing is connected to'
    return flags.check === true && !reads ? 'check mode' : null
  }
  return remote({
    session: stage.sessions.of(host),
    emit: event => stage.report().emit(event),
    redact: vault.redact,
    not,
  })
}

/** The operator's yes or no. Check mode and --list-tasks ask nobody, and go on. */
export const confirmed = (
  question: string,
  { stage, options: { flags } }: Of,
): Promise<boolean> => {
  const { yes = false, check = false, 'list-tasks': list = false } = flags
  const ask = (): Promise<boolean> => askYes(question, yes || check || list)
  return (stage.begun ? stage.begun.quietly(ask) : ask()).catch((error: unknown) => {
    throw toScriptError(error)
  })
}
