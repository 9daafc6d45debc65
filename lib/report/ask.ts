import { confirm, isCancel, password, text } from '@clack/prompts'
import { InputError } from '../errors/input-error.ts'
import { hideSecret, Secret } from '../secret.ts'
import { quote } from '../sh.ts'
import { makeSafe } from './sanitize.ts'

/** True if stdin and stdout are a terminal. Without one a prompt would never settle. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true

/**
 * Asks a yes/no question. `yes` (-y) answers it. Without a terminal it throws an InputError that
 * names that flag; `next` names another way.
 */
export const askYes = async (
  question: string,
  yes: boolean,
  next = 'Give -y to answer yes.',
): Promise<boolean> => {
  if (yes) return true
  if (!canAsk())
    throw new InputError({
      message: `${question} There is no terminal to ask on`,
      next,
    })
  return (await confirm({ message: makeSafe(question), initialValue: false })) === true
}

/** A question that is answered by typing a word. */
export type TypedQuestion = {
  /** The word, such as the name of the host that is removed. */
  readonly type: string
  /**
   * What is about to happen, as a sentence.
   * @form any
   */
  readonly question: string
}

/**
 * Asks the operator to type a word; false if they give up. `given` are those of `--confirm`, which
 * answer it, as `-y` does not. Without a terminal it throws an InputError that names that flag.
 */
export const askTyped = async (
  question: string,
  word: string,
  given: readonly string[],
): Promise<boolean> => {
  if (given.includes(word)) return true
  const flag = `--confirm ${quote(word)}`
  if (!canAsk())
    throw new InputError({
      message:
        given.length > 0
          ? `${question} --confirm ${given.map(quote).join(', ')} does not answer it`
          : `${question} There is no terminal to ask on`,
      next: `Give ${flag} if that is meant. -y does not answer it.`,
    })
  const answer = await text({
    message: makeSafe(`${question} Type ${word} to continue`),
    validate: typed =>
      typed?.trim() === word ? undefined : makeSafe(`Type ${word}, or press Ctrl-C.`),
  })
  return !isCancel(answer)
}

/**
 * Asks for a secret. Without a terminal, or if the user cancels, it throws an InputError with
 * another way to provide it.
 */
export const askSecret = async (question: string, otherwise: string): Promise<Secret> => {
  if (!canAsk())
    throw new InputError({
      message: `${question}: there is no terminal to ask on`,
      next: otherwise,
    })
  const answer = await password({ message: makeSafe(question) })
  if (isCancel(answer)) throw new InputError({ message: `${question}: not given`, next: otherwise })
  return hideSecret(new Secret(answer, question))
}

/**
 * Asks for a line, which may be empty. Without a terminal, or if the user cancels, it throws an
 * InputError with another way to provide it.
 */
export const askText = async (question: string, otherwise: string): Promise<string> => {
  if (!canAsk())
    throw new InputError({
      message: `${question}: there is no terminal to ask on`,
      next: otherwise,
    })
  const answer = await text({ message: makeSafe(question) })
  if (isCancel(answer)) throw new InputError({ message: `${question}: not given`, next: otherwise })
  return answer ?? ''
}
