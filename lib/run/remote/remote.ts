import { describeExit } from '../../errors/exit-status.ts'
import { CheckEnds, ScriptError } from '../../errors/script-error.ts'
import type { Emit } from '../../events.ts'
import type { Payload } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { Redactor } from '../../secrets/redactor.ts'
import type { Sh } from '../../sh.ts'
import { Stopped } from '../../transport/connection.ts'
import { computeChangeDeadline } from '../../transport/protocol/script.ts'
import type { Session } from '../../transport/session.ts'
import { checkInScript } from '../calls.ts'
import { type CommandSettings, createDollar, type Dollar } from './command.ts'
import { abbreviate, CommandError, CommandOutput } from './output.ts'
import { runBeside } from './run-beside.ts'

/** A host's shell: ``await host.$`systemctl is-active ${unit}` ``. */
export type Remote = { readonly name: string; readonly $: Dollar }

export type RemoteOptions = {
  readonly session: Session
  readonly emit: Emit
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
  /** Explains why a command is not run now (check mode); null if it is. */
  /** Follows a command until its end. Default: nobody does. */
  readonly follow?: (work: Promise<CommandOutput>) => Promise<CommandOutput>
  /** Explains why a command that only reads may fail now (check mode); null if it may not. */
  readonly explainFailure?: () => string | null
  readonly explainSkip: (settings: CommandSettings) => string | null
}

/**
 * Opens the shell of a session's host. Its commands run as root from /, with umask 077 and
 * LC_ALL=C, and are reported.
 */
export const openRemote = (options: RemoteOptions): Remote => ({
  name: options.session.host,
  $: createDollar(
    (fragment, settings) => {
      const { follow = work => work } = options
      return follow(runAndReport(fragment, settings, options))
    },
    given => checkInScript('$', given, `${options.session.host}: $`),
  ),
})

const runAndReport = async (
  fragment: Sh,
  settings: CommandSettings,
  { session, emit, redact, explainSkip, explainFailure }: RemoteOptions,
): Promise<CommandOutput> => {
  const { host } = session
  const { seconds, stdin, nothrow, quiet } = settings
  const clean = createCleaner(stdin, redact)
  const command = clean(fragment.text.trim())
  const skipped = explainSkip(settings)
  if (skipped !== null) return noteSkipped(host, command, skipped, emit)
  const since = performance.now()
  const report = (
    outcome: 'ran' | 'failed' | 'lost',
    exitCode: number | null,
    output: string,
  ): void => {
    const ms = Math.round(performance.now() - since)
    const line = abbreviate(command)
    emit({ type: 'command', host, command: line, outcome, exitCode, ms, output, quiet })
  }
  const line = { apply: fragment, seconds, ...(stdin === undefined ? {} : { stdin }) }
  const printed = await runBeside(session, abbreviate(command), line).catch((error: unknown) => {
    if (error instanceof Stopped) throw new ScriptError('interrupted')
    report('lost', null, '')
    throw error
  })
  const output = new CommandOutput(printed)
  const excuse = settings.reads && !nothrow && !output.ok ? (explainFailure?.() ?? null) : null
  const isAccepted = printed.cut === undefined && (output.ok || nothrow)
  report(
    isAccepted || excuse !== null ? 'ran' : 'failed',
    output.exitCode,
    clean(output.stdout + output.stderr).slice(-4000),
  )
  if (isAccepted) return output
  if (excuse !== null)
    throw new CheckEnds(`${host}: ${abbreviate(command)}: exit ${output.exitCode}: ${excuse}`)
  const why =
    printed.cut !== undefined
      ? `${printed.cut}: write it to a file on the host, and run.files.fetch that`
      : output.exitCode === 124
        ? `not done within ${computeChangeDeadline(line)} s, and ended`
        : describeExit(output.exitCode)
  const said = clean(output.stderr || output.stdout)
  throw new CommandError({ host, command, why, said, output })
}

/** Stands in for the output of a command that was not run: reading it throws. */
const noteSkipped = (host: string, command: string, why: string, emit: Emit): CommandOutput => {
  emit({ type: 'note', host, text: `${why}: not run: ${abbreviate(command)}` })
  const error =
    `${why}: the command was not run, so it has no output; ` +
    'give reads: true if it changes nothing'
  return new Proxy(new CommandOutput({ exitCode: 0, stdout: Buffer.alloc(0), stderr: '' }), {
    get: (target, name) => {
      if (name === 'then' || typeof name === 'symbol' || name === 'constructor')
        return Reflect.get(target, name)
      throw new CommandError({ host, command, why: error })
    },
  })
}

/** Creates a function that also takes out the secrets that the command itself is given. */
const createCleaner = (
  stdin: Payload | undefined,
  redact: (text: string) => string,
): ((text: string) => string) => {
  const own = new Redactor()
  for (const part of [stdin].flat())
    if (part instanceof Secret) own.hide(part.reveal(), String(part))
  return text => own.redact(redact(text))
}
