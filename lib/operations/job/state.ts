import { describeExit } from '../../errors/exit-status.ts'
import { type Output, type Unknown, unreadable } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { printMark } from '../file/mark.ts'
import { defineLive, locateRecord } from './unit.ts'

/** What is known of the last job of a name. */
export type JobState =
  | { readonly is: 'absent' }
  | (Begun & {
      readonly is: 'running'
      /** The text of the request that began it; null if it had none. */
      readonly rerun: string | null
    })
  | (Begun & { readonly is: 'done'; readonly ended: string })
  | (Begun & { readonly is: 'failed'; readonly why: string; readonly said: string })
  | (Begun & { readonly is: 'rebooted' })

type Begun = {
  /** The hash of what it was made from. */
  readonly inputs: string
  /** When it began, UTC; empty if that is not known. */
  readonly began: string
}

/**
 * Prints whether the unit is live, what it was made from, the record, and the last lines of a job
 * that failed. The record is written before the unit ends and after it began: one that knows of no
 * end is read once more, after the unit.
 */
export const printState = (name: string): Sh => sh`[ -d /run/systemd/system ] || {
  echo 'systemd does not run on this host' >&2
  exit 3
}
${defineLive(name)}
look() {
  live && unit=live || unit=dead
  record=$( ${printMark(locateRecord(name), 'never')}
) || exit 74
}
look
case $unit$record in deadnever | live* | *'
ended='*) ;; *) look ;; esac
read -r boot </proc/sys/kernel/random/boot_id || exit 74
printf '%s\n' "unit=$unit" "booted=$boot"
[ $unit = dead ] || {
  printf '%s\n' "$of" | sed -n 's/^Description=.* inputs /runs=/p'
  printf '%s\n' "$of" | sed -n 's/^Description=job [^ ]* of brd, for \(.*\), inputs .*$/rerun=\1/p'
}
printf '%s\n' "$record"
case $unit$record in live* | deadnever | *'
how=success exited 0
cleanUp=0
'*) ;; *)
  is=$(printf '%s\n' "$record" | sed -n 's/^invocation=//p')
  echo said=
  journalctl --quiet --no-pager --output=cat --lines=12 "_SYSTEMD_INVOCATION_ID=$is" 2>/dev/null ;;
esac
echo end`

/** Reads what `printState` has printed; unknown if it is not whole. */
export const readState = (out: Output): JobState | Unknown => {
  const text = out.stdout.toString()
  if (out.exitCode !== 0 || !text.startsWith('unit=') || !text.endsWith('end\n'))
    return unreadable(out)
  const [head = '', said = ''] = text.slice(0, -4).split('\nsaid=\n')
  const of = new Map(
    head.split('\n').map(line => line.split(/=(.*)/, 2) as [key: string, value: string]),
  )
  const read = (key: string): string => of.get(key) ?? ''
  if (read('unit') === 'live')
    return {
      is: 'running',
      inputs: read('runs'),
      began: of.has('ended') ? '' : read('began'),
      rerun: of.get('rerun') ?? null,
    }
  if (of.has('never')) return { is: 'absent' }
  const [inputs, began] = [read('inputs'), read('began')]
  if (inputs === '' || read('boot') === '') return unreadable(out, 'the record is not understood')
  if (of.has('ended')) {
    const why = explainEnd(read('how'), read('cleanUp'))
    return why === null
      ? { is: 'done', inputs, began, ended: read('ended') }
      : { is: 'failed', inputs, began, why, said: said.trimEnd() }
  }
  return read('boot') === read('booted')
    ? {
        is: 'failed',
        inputs,
        began,
        why: 'ended, and how could not be recorded',
        said: said.trimEnd(),
      }
    : { is: 'rebooted', inputs, began }
}

/** Says how a job failed; null if it did not. */
const explainEnd = (how: string, cleanUp: string): string | null => {
  const work = explainWork(how)
  const clean =
    cleanUp === '0'
      ? null
      : cleanUp === 'running'
        ? 'its clean-up did not end'
        : `its clean-up failed: ${describeExit(Number(cleanUp))}`
  return [work, clean].filter(part => part !== null).join('; ') || null
}

const explainWork = (how: string): string | null => {
  const [result = '', code = '', status = ''] = how.split(' ')
  if (result === 'timeout') return 'ended by its time limit'
  if (result === 'oom-kill') return 'ended for lack of memory'
  if (code === 'exited')
    return status === '0'
      ? result === 'success'
        ? null
        : `failed: ${result}`
      : `failed: ${describeExit(Number(status))}`
  return code === '' ? `could not begin: ${result}` : `ended by SIG${status}`
}
