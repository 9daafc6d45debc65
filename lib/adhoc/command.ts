import { InputError } from '../errors/input-error.ts'
import { raw, type Sh, sh } from '../sh.ts'

/** Splits a command line at `--`. Without one, `command` is null. */
export const splitAtDashes = (
  args: readonly string[],
): { readonly before: readonly string[]; readonly command: readonly string[] | null } => {
  const at = args.indexOf('--')
  return at < 0
    ? { before: args, command: null }
    : { before: args.slice(0, at), command: args.slice(at + 1) }
}

/**
 * Builds what runs on the host: one word is a line for its shell, several are a program and its
 * arguments, each passed unchanged.
 */
export const buildCommand = (words: readonly string[]): Sh => {
  const [line] = words
  if (line === undefined || words.every(word => word.trim() === ''))
    throw new InputError({
      place: '--',
      message: 'a command is required after it',
      next: "Examples: -- uptime, or: -- 'df -h / | tail -n 1'",
    })
  return words.length === 1 ? raw(line) : sh`${words}`
}
