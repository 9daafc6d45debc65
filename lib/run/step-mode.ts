import pLimit from 'p-limit'
import type { Approve } from '../converge/options.ts'
import { askStep } from '../report/ask-step.ts'
import type { Stage } from './context.ts'

/**
 * `--step`: asks before each change, one question at a time, whatever the hosts do meanwhile.
 * `yes`: nobody is asked, and the changes are made one by one.
 * Who wants no more of it ends the run as Ctrl-C does.
 */
export const stepping = (stage: Stage, yes: boolean): ((host: string) => Approve) => {
  const turn = pLimit(1)
  let rest = yes
  return host => (op, change) =>
    turn(async () => {
      if (stage.stop.requested) return 'stop'
      if (rest) return 'yes'
      const answer = await stage.report().quietly(() => askStep(host, op.id, change, stage.clean))
      rest = answer === 'all'
      if (answer === 'quit') stage.stop.press('--step')
      return answer === 'all' ? 'yes' : answer === 'quit' ? 'stop' : answer
    })
}
