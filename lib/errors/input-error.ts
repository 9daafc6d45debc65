import { inspect } from 'node:util'

/** One thing that is wrong with the user's input. */
export interface Problem {
  /** The place of the mistake: `hosts.yaml:12:5`, `-e`, `lab`. */
  place?: string | undefined
  /** What is wrong, in a few words. */
  message: string
  /** What to type or change next. */
  next?: string | undefined
}

/** How many problems an error shows, and characters of each part: a file may have thousands. */
const [MOST_PROBLEMS, MOST_CHARACTERS] = [20, 2000]

/** Bad usage or input. Nothing was changed and nothing connected. Programs exit with code 1. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly problems: readonly Problem[]

  constructor(problems: Problem | readonly Problem[], options?: ErrorOptions) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem]
    const more = list.length - MOST_PROBLEMS
    const lines = list.slice(0, MOST_PROBLEMS).map(formatProblem)
    super([...lines, ...(more > 0 ? [`… and ${more} more problems`] : [])].join('\n'), options)
    this.problems = list
  }
  /** A script that fails with it prints only its message. */
  [inspect.custom](): string {
    return this.message
  }
}

/** Formats a problem as one line, or two if it says what to do next. */
export const formatProblem = ({ place, message, next }: Problem) =>
  (place ? `${clip(place)}: ` : '') + clip(message) + (next ? `\n  ${clip(next)}` : '')

const clip = (text: string) =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
