import { OptionError } from '../errors/option-error.ts'
import { change, operation, type Payload } from '../operation.ts'
import type { Sh } from '../sh.ts'
import {
  type Condition,
  checkCondition,
  diffCondition,
  printCondition,
  readCondition,
} from './command/condition.ts'
import { checkSurroundings, type Surroundings, surround } from './command/surroundings.ts'

export type Command = Condition &
  Surroundings & {
    /** What is run: ``sh`createdb ${name}` ``. Exit 0 is success. */
    readonly run: Sh
    /** What it is for, a few words: tells it from others on the host. Default: its text. */
    readonly name?: string
    /** What comes on its stdin, the way for a secret. Default: nothing. */
    readonly stdin?: Payload
    /** How long it may take, in seconds. Default 60. */
    readonly timeoutSeconds?: number
    /**
     * Why it disturbs other work on the host: refused then without --allow-disruption. Default: it
     * does not.
     */
    readonly disruptive?: string
  }

/**
 * A command has done its work. It runs if `creates`, `removes` or `unless` says that it has not,
 * and the condition is checked again afterwards.
 */
export const command = operation('command', {
  check: (want: Command) => {
    checkCondition(want)
    checkSurroundings(want)
    if (want.run.text.trim() === '')
      throw new OptionError({ message: 'run: a command is expected' })
  },
  name: ({ name, run }: Command) => name ?? run.text,
  probe: want => printCondition(want, want),
  read: (out, want) => readCondition(out, want),
  plan: (done, want) => {
    const { run, stdin, timeoutSeconds: seconds, disruptive } = want
    return change(done ? [] : diffCondition(want, run.text), surround(want, run), {
      ...(stdin === undefined ? {} : { stdin }),
      ...(seconds === undefined ? {} : { seconds }),
      ...(disruptive === undefined ? {} : { disruptive }),
    })
  },
})
