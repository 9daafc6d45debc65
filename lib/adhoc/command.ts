import { InputError } from '../errors/input-error.ts'
import { raw, type Sh, sh } from '../sh.ts'

/** The words of a command line before `--`, and those behind it; null where there is none. */
export const splitAtDashes = (
  args: readonly string[],
): { readonly before: readonly string[]; readonly command: readonly string[] | null } => {
  const at = args.indexOf('--')
  return at < 0
    ? { before: args, command: null }
    : { before: args.slice(0, at), command: args.slice(at + 1) }
}

/**
 * What runs on the host: one word is a line for its shell, several are a program and its arguments,
 * each passed on as it is.
 */
export const buildCommand = (words: readonly string[]): Sh => {
  const [line] = words
  if (line === undefined || words.every(word => word.trim() === ''))
    throw new InputError({
      place: '--',
      message: 'no command is behind it',
      next: "such as: -- uptime, or: -- 'df -h / | tail -n 1'",
    })
  return words.length === 1 ? raw(line) : sh`${words}`
}
