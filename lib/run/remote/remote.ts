import { describeExit } from '../../errors/exit-status.ts'
import { ScriptError } from '../../errors/script-error.ts'
import type { Emit } from '../../events.ts'
import type { Payload } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import type { Sh } from '../../sh.ts'
import { Stopped } from '../../transport/connection.ts'
import { deadline } from '../../transport/protocol/script.ts'
import type { Session } from '../../transport/session.ts'
import { type Dollar, dollar, type Wish } from './command.ts'
import { brief, CommandError, CommandOutput } from './output.ts'
import { perform } from './perform.ts'

/** A host's shell: ``await host.$`systemctl is-active ${unit}` ``. */
export type Remote = { readonly name: string; readonly $: Dollar }

export type RemoteOptions = {
  readonly session: Session
  readonly emit: Emit
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
  /** Why this command is not run now (check mode); null where it is. */
  readonly not: (wish: Wish) => string | null
}

/**
 * The shell of a session's host. Its commands are root's, from /, with umask 077 and LC_ALL=C; they
 * are told to the report.
 */
export const remote = (options: RemoteOptions): Remote => ({
  name: options.session.host,
  $: dollar((fragment, wish) => told(fragment, wish, options)),
})

const told = async (
  fragment: Sh,
  wish: Wish,
  { session, emit, redact, not }: RemoteOptions,
): Promise<CommandOutput> => {
  const { host } = session
  const clean = without(wish.stdin, redact)
  const command = clean(fragment.text.trim())
  const why = not(wish)
  if (why !== null) return notRun(host, command, why, emit)
  const since = performance.now()
  const tell = (
    outcome: 'ran' | 'failed' | 'lost',
    exitCode: number | null,
    output: string,
  ): void =>
    emit({
      type: 'command',
      host,
      command: brief(command),
      outcome,
      exitCode,
      ms: Math.round(performance.now() - since),
      output,
      quiet: wish.quiet,
    })
  const line = {
    apply: fragment,
    seconds: wish.seconds,
    ...(wish.stdin === undefined ? {} : { stdin: wish.stdin }),
  }
  const printed = await perform(session, brief(command), line).catch((error: unknown) => {
    if (error instanceof Stopped) throw new ScriptError('interrupted')
    tell('lost', null, '')
    throw error
  })
  const output = new CommandOutput(printed)
  const said = clean(output.stderr || output.stdout)
  tell(
    output.ok || wish.nothrow ? 'ran' : 'failed',
    output.exitCode,
    clean(output.stdout + output.stderr).slice(-4000),
  )
  if (output.ok || wish.nothrow) return output
  const fault =
    output.exitCode === 124
      ? `not done within ${deadline(line)} s, and ended`
      : describeExit(output.exitCode)
  throw new CommandError({ host, command, why: fault, said, output })
}

/**
 * What stands for the output of a command that was not run: who asks for it hears why there is
 * none.
 */
const notRun = (host: string, command: string, why: string, emit: Emit): CommandOutput => {
  emit({ type: 'note', host, text: `${why}: not run: ${brief(command)}` })
  const next = `${why}: it was not run, so nothing is known of it; say reads: true where a command changes nothing`
  return new Proxy(new CommandOutput({ rc: 0, stdout: Buffer.alloc(0), stderr: '' }), {
    get: (target, name) => {
      if (name === 'then' || typeof name === 'symbol' || name === 'constructor')
        return Reflect.get(target, name)
      throw new CommandError({ host, command, why: next })
    },
  })
}

/** Also takes out the secrets that the command itself is given. */
const without = (
  stdin: Payload | undefined,
  redact: (text: string) => string,
): ((text: string) => string) => {
  const secrets = [stdin].flat().filter(part => part instanceof Secret)
  return text =>
    secrets.reduce(
      (clean, secret) =>
        secret.reveal().length > 3 ? clean.replaceAll(secret.reveal(), String(secret)) : clean,
      redact(text),
    )
}
