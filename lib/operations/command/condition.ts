import { type Diff, type Output, type Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { checkPath, type Path, printEntry } from '../file/entry.ts'
import { type Surroundings, surround } from './surroundings.ts'

/**
 * How a run recognizes that a command has done its work. One of these is required: without it every
 * run would repeat the command.
 */
export type Condition =
  | {
      /** The command runs if nothing is at this path. It must exist afterwards. */
      readonly creates: Path
      readonly removes?: never
      readonly unless?: never
    }
  | {
      /** The command runs if something is at this path. It must be gone afterwards. */
      readonly removes: Path
      readonly creates?: never
      readonly unless?: never
    }
  | {
      /**
       * A probe that changes nothing: exit 0 if there is nothing to do, 1 if the command has to
       * run, as `test` and `grep -q` do. Any other exit is an error. It must exit 0 afterwards.
       */
      readonly unless: Sh
      readonly creates?: never
      readonly removes?: never
    }

/** Prints `done` or `due`. */
export const printCondition = (
  { creates, removes, unless }: Condition,
  surroundings: Surroundings,
): Sh => {
  if (unless)
    return sh`${surround(surroundings, unless)} >/dev/null
r=$?; case $r in 0) echo done;; 1) echo due;; *) exit $r;; esac`
  const there = creates ?? removes ?? ''
  return sh`{ ${printEntry(there)}
} >/dev/null
[ "$s" = absent ] && echo ${creates ? 'due' : 'done'} || echo ${creates ? 'done' : 'due'}`
}

/** True if there is nothing to do. */
export const readCondition = (out: Output, { unless }: Condition): boolean | Unknown => {
  const word = out.stdout.toString().trim()
  if (out.exitCode === 0 && (word === 'done' || word === 'due')) return word === 'done'
  return unreadable(out, unless ? 'the look of `unless` failed' : undefined)
}

/** What running it brings about, in a person's words. */
export const diffCondition = ({ creates, removes }: Condition, text: string): Diff =>
  removes
    ? [{ key: removes, before: 'there', after: null }]
    : creates
      ? [{ key: creates, before: null, after: `made by ${JSON.stringify(text)}` }]
      : [{ key: 'run', before: null, after: text, text: true }]

/** Throws if a path is not a path. */
export const checkCondition = ({ creates, removes }: Condition): void => {
  const path = creates ?? removes
  if (path !== undefined) checkPath(path)
}
