import { isCancel, log, select } from '@clack/prompts'
import type { Change } from '../operation.ts'
import { chooseSymbol, formatDiff } from './diff.ts'
import { makeSafe, sanitize } from './sanitize.ts'
import { createPaint, wantsColor } from './style.ts'

type StepAnswer = 'yes' | 'no' | 'all' | 'quit'

/** Shows one change and asks whether to make it. Ctrl-C counts as `quit`. */
export const askStep = async (host: string, id: string, change: Change): Promise<StepAnswer> => {
  const diff = sanitize(change.diff, makeSafe)
  const [where, what] = [makeSafe(host), makeSafe(id)]
  const lines = formatDiff(diff, createPaint(wantsColor(true, process.env)))
  log.message(
    [`${where}: ${chooseSymbol(diff)} ${what}`, ...lines.map(line => `  ${line}`)].join('\n'),
  )
  const answer = await select<StepAnswer>({
    message: `${where}: ${what}?`,
    options: [
      { value: 'yes', label: 'yes', hint: 'make this change' },
      { value: 'no', label: 'no', hint: 'skip this change and continue' },
      { value: 'all', label: 'all', hint: 'make this and all further changes without asking' },
      { value: 'quit', label: 'quit', hint: 'make no further change on any host' },
    ],
  })
  return isCancel(answer) ? 'quit' : answer
}
