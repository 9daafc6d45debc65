import type { Change, Payload } from '../../operation.ts'
import { nameSharedParts, quote, type Sh, sh } from '../../sh.ts'
import { countPayloadBytes } from '../root-shell.ts'
import { CHANGE_BYTES, COMMAND_BYTES, LIBRARY } from './library.ts'

/**
 * What is probed in a round: with the exit code it had in the round before, so that a turn can tell
 * whether it moved.
 */
export type Probe = { readonly id: number; readonly probe: Sh; readonly seconds: number }
/** A step of a batch: look again, then change. */
export type Step =
  | { readonly turn: Probe & { readonly exitCode: number } }
  | {
      readonly change: {
        readonly id: number
        readonly change: Change
        /** Its stdout and stderr stay separate, and more of them is kept. Default false. */
        readonly isCommand?: boolean
      }
    }

export type RoundScript = {
  readonly nonce: string
  readonly round: number
  readonly lease: Sh | null
  readonly steps: readonly Step[]
  readonly probes: readonly Probe[]
}

/** The default deadline of a change. */
const CHANGE_SECONDS = 60

/**
 * Seconds that a change may take: its own deadline, and what a line of 1 Mbit/s needs for its
 * payload.
 */
export const computeChangeDeadline = ({
  seconds = CHANGE_SECONDS,
  stdin,
}: Pick<Change, 'apply' | 'seconds' | 'stdin'>): number =>
  seconds + Math.floor(countPayloadBytes(stdin) / 125_000)

/**
 * One round as shell text, and the payloads that it reads from stdin, in its order. One `{ … }`:
 * where the link is lost before all of it came, none of it runs. Pure.
 */
export const renderRound = ({
  nonce,
  round,
  lease,
  steps,
  probes,
}: RoundScript): { script: string; payloads: Payload[] } => {
  const payloads: Payload[] = []
  const named = new Set<string>()
  const turned = new Map<number, string>()
  const lines = [
    '{',
    LIBRARY,
    `nonce=${nonce} n=${round} go=yes hung= rcs=; [ -d $o/s ] || mkdir $o/s; _note idle`,
    'echo; echo hello $nonce $d $$$near; near=',
    '_dog & dog=$!',
    ...(lease && steps.length > 0 ? [lease.text] : []),
  ]
  for (const step of steps) {
    if ('turn' in step) {
      const { id, seconds, exitCode, probe } = step.turn
      const { text } = probe
      turned.set(id, text)
      lines.push(
        `_turned${id}=${quote(text)}`,
        `_turn ${id} ${seconds} ${exitCode} "$_turned${id}"`,
      )
    } else {
      const { id, change: planned, isCommand = false } = step.change
      const change = planned.renew ? { ...planned, ...planned.renew() } : planned
      if (change.stdin !== undefined) payloads.push(change.stdin)
      const [seconds, bytes] = [computeChangeDeadline(change), countPayloadBytes(change.stdin)]
      const kept = isCommand ? `${COMMAND_BYTES} both` : CHANGE_BYTES
      const { text, parts } = nameSharedParts(change.apply)
      for (const [name, part] of parts) if (!named.has(name)) lines.push(`_${name}=${quote(part)}`)
      for (const name of parts.keys()) named.add(name)
      lines.push(`_change ${id} ${seconds} ${quote(text)} ${bytes} ${kept}`)
    }
  }
  lines.push(
    'rcs=',
    ...probes.map(({ id, seconds, probe: { text } }) => {
      const fragment = turned.get(id) === text ? `"$_turned${id}"` : quote(text)
      return `_probe p${id} ${seconds} ${fragment}`
    }),
  )
  if (probes.length > 0) lines.push(`_emit ${probes.map(({ id }) => `p${id}`).join(' ')}`)
  lines.push('_call; echo end', 'rm -f $d/stop $d/ending $o/s/* $o/$((n-1)).* $d/*.late', '}')
  return { script: `${lines.join('\n')}\n`, payloads }
}

/** Lets the running change end and starts no other: for a second channel. */
export const stopAfterThis = (dir: string): Sh => sh`: >${dir}/stop`

/**
 * Ends what runs now, with all its children, those that will not after three seconds; a package
 * manager is left to finish. A change that is just beginning has not looked for the stop request,
 * or will be seen to run. For a second channel.
 */
export const killRunning = (dir: string): Sh => sh`: >${dir}/stop
while k=idle; [ ! -e ${dir}/now ] || read -r k s p <${dir}/now || k=
  [ -z "$k" ] || [ "$k" = begin ]; do sleep 0.2; done
[ "$k" = idle ] && exit
for g in 1 2 3; do # again: what lists them may be ended
  v="$(_tree $p) $(_inside ${dir}/$k)"; case $v in *$p*) break;; esac; done; _packaging $v && exit
for i in STOP TERM CONT; do kill -$i $v 2>/dev/null; done
for g in 1 2 3; do
  _any $v || exit 0; sleep 1; done; _end $v $(_tree $p) $(_inside ${dir}/$k)`
