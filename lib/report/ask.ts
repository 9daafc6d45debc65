import { confirm, isCancel, password } from '@clack/prompts'
import { InputError } from '../errors/input-error.ts'
import { Secret } from '../secret.ts'

/**
 * Whether a person can be asked: both ends of the terminal are there. At the end of input a prompt
 * would never settle.
 */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true

/**
 * Asks whether something is to be done. `yes` (-y) answers it. Where nobody can be asked, an
 * InputError names that flag.
 */
export const askYes = async (question: string, yes: boolean): Promise<boolean> => {
  if (yes) return true
  if (!canAsk())
    throw new InputError({
      message: `${question} Nobody can be asked here`,
      next: 'Give -y to answer yes.',
    })
  return (await confirm({ message: question, initialValue: false })) === true
}

/**
 * Asks for a secret. Where nobody can be asked, or the person gives up, an InputError says how to
 * give it otherwise.
 */
export const askSecret = async (question: string, otherwise: string): Promise<Secret> => {
  if (!canAsk())
    throw new InputError({ message: `${question}: nobody can be asked here`, next: otherwise })
  const answer = await password({ message: question })
  if (isCancel(answer)) throw new InputError({ message: `${question}: not given`, next: otherwise })
  return new Secret(answer, question)
}
