import { confirm, isCancel, password } from '@clack/prompts'
import { InputError } from '../errors/input-error.ts'
import { hideSecret, Secret } from '../secret.ts'
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
