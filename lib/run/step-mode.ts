import pLimit from 'p-limit'
import type { Approve } from '../converge/options.ts'
import { askStep } from '../report/ask-step.ts'
import type { RunContext } from './context.ts'

/**
 * Asks before each change (`--step`), one question at a time for all hosts. With `yes` nobody is
 * asked and the changes are made one by one. An operator who quits ends the run as Ctrl-C does.
 */
export const askBeforeChanges = (
  context: RunContext,
  yes: boolean,
): ((host: string) => Approve) => {
  const limit = pLimit(1)
  let approvesRest = yes
  return host => (op, change) =>
    limit(async () => {
      if (context.interrupted) return 'stop'
      if (approvesRest) return 'yes'
      const ask = () => askStep(host, op.id, change)
      const answer = await context.openReport().quietly(ask)
      approvesRest = answer === 'all'
      if (answer === 'quit') context.signals.press('--step')
      return answer === 'all' ? 'yes' : answer === 'quit' ? 'stop' : answer
    })
}
