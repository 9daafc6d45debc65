import { isCancel, log, select } from '@clack/prompts'
import type { Change } from '../operation.ts'
import { diffLines, symbolOf } from './diff.ts'
import { type Clean, cleaned } from './sanitize.ts'
import { paint, wantsColor } from './style.ts'

type Answer = 'yes' | 'no' | 'all' | 'quit'

/** Shows one change and asks whether it is to be made. Ctrl-C is the answer `quit`. */
export const askStep = async (
  host: string,
  id: string,
  change: Change,
  clean: Clean,
): Promise<Answer> => {
  const diff = cleaned(change.diff, clean)
  const lines = diffLines(diff, paint(wantsColor(true, process.env)))
  log.message([`${host}: ${symbolOf(diff)} ${id}`, ...lines.map(line => `  ${line}`)].join('\n'))
  const answer = await select<Answer>({
    message: `${host}: ${id}?`,
    options: [
      { value: 'yes', label: 'yes', hint: 'make this change' },
      { value: 'no', label: 'no', hint: 'leave it as it is, and go on' },
      { value: 'all', label: 'all', hint: 'make this and all that follow, unasked' },
      { value: 'quit', label: 'quit', hint: 'make no other change anywhere' },
    ],
  })
  return isCancel(answer) ? 'quit' : answer
}
