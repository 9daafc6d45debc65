import { posix } from 'node:path'
import { change, operation } from '../operation.ts'
import { sh } from '../sh.ts'
import {
  type Condition,
  checkCondition,
  diffCondition,
  printCondition,
  readCondition,
} from './command/condition.ts'
import { checkSurroundings, type Surroundings, surround } from './command/surroundings.ts'
import { lackProgram } from './file/lacks.ts'
import { readSource } from './file/source.ts'

export type Script = Condition &
  Surroundings & {
    /**
     * A script on the controller: `new URL('./import.sh', import.meta.url)`. It is read when the
     * operation is made. The interpreter of its first line runs it, otherwise sh.
     */
    readonly source: URL
    /** Its arguments. Everybody on the host can read them. Default: none. */
    readonly args?: readonly string[]
    /** How long it may take, in seconds. Default 60. */
    readonly timeoutSeconds?: number
    /**
     * Why it disturbs other work on the host: refused then without --allow-disruption. Default: it
     * does not.
     */
    readonly disruptive?: string
  }

type Want = Script & {
  readonly file: string
  readonly content: Buffer
  readonly interpreter: readonly string[]
}

/**
 * A script from the controller has done its work on the host. It runs if `creates`, `removes` or
 * `unless` says that it has not. It leaves nothing behind on the host.
 */
export const script = operation('script', {
  want: (want: Script) => {
    checkCondition(want)
    checkSurroundings(want)
    const content = readSource(want.source)
    const first = content.toString('latin1').split('\n', 1)[0] ?? ''
    const interpreter = /^#!\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(first)?.slice(1).filter(Boolean) ?? [
      'sh',
    ]
    return { ...want, file: posix.basename(want.source.pathname), content, interpreter }
  },
  name: ({ file, args = [] }: Want) => [file, ...args].join(' '),
  probe: want => sh`o=$( ${printCondition(want, want)} ) || exit
printf '%s\n' "$o"
[ "$o" != due ] || ${lackProgram(nameProgram(want.interpreter))}`,
  read: (out, want) => readCondition(out, want),
  plan: (done, want) => {
    const { file, args = [], content, timeoutSeconds: seconds, disruptive } = want
    return change(done ? [] : diffCondition(want, [file, ...args].join(' ')), runScript(want), {
      stdin: content,
      ...(seconds === undefined ? {} : { seconds }),
      ...(disruptive === undefined ? {} : { disruptive }),
    })
  },
})

/** The program that reads the script: that of `/usr/bin/env python3` is python3. */
const nameProgram = ([first = 'sh', second]: readonly string[]): string =>
  first.endsWith('/env') && second !== undefined && !second.startsWith('-')
    ? (second.split(/\s/)[0] ?? first)
    : first

/**
 * The script is kept while it runs, in a separate folder, and is read by its interpreter, so that
 * it also runs if /tmp is mounted noexec.
 */
const runScript = (want: Want) => sh`t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' 0; trap 'exit 143' HUP INT TERM
SCRIPT=$t/${want.file}; export SCRIPT
cat >"$SCRIPT"; [ "$(wc -c <"$SCRIPT")" -eq ${want.content.length} ] ||
  { echo 'the script did not arrive whole; it was not run' >&2; exit 1; }
chmod 755 "$t" "$SCRIPT" || exit 1
${surround(want, sh`${want.interpreter} "$SCRIPT" ${want.args ?? []}`)}`
