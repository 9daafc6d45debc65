import { test } from 'uvu'
import { stack } from '../../../../lib/operations/stack.ts'
import { plans, refuses, settles } from '../../../support/operations.ts'
import { sandboxOperation, writePrograms } from '../../../support/sandbox.ts'

plans(stack.drained, {
  'only its own tasks': ['5\n', { name: 'stage', tasks: 5 }, []],
  'one of before still serves': ['6\n', { name: 'stage', tasks: 5 }, ['containers: 6 -> 5']],
  'fewer are no reason to wait': ['4\n', { name: 'stage', tasks: 5 }, []],
  'none at all': ['0\n', { name: 'stage', tasks: 5 }, []],
  'a failed probe is no number': [
    { exitCode: 3, stderr: 'Docker is not installed' },
    { name: 'stage', tasks: 5 },
    /Docker is not installed/,
  ],
  'nothing printed is no number': ['', { name: 'stage', tasks: 5 }, /the probe failed/],
})

/** A Docker with three containers, of which one ends each time it is asked, down to `least`. */
const ending = (least: number) => (folder: string) =>
  writePrograms(folder, {
    docker: `#!/bin/sh
count=$(cat "$(dirname "$0")/count" 2>/dev/null || echo 3)
i=0; while [ $i -lt $count ]; do echo id$i; i=$((i + 1)); done
[ $count -le ${least} ] || echo $((count - 1)) >"$(dirname "$0")/count"
`,
  })
refuses(
  'one that does not end',
  folder => sandboxOperation(stack.drained({ name: 'stage', tasks: 1, timeoutSeconds: 2 }), folder),
  /still there after 2 s/,
  {
    before: ending(2),
  },
)
settles(
  'one that is told to end',
  folder => sandboxOperation(stack.drained({ name: 'stage', tasks: 2 }), folder),
  {
    // It is looked at twice before its turn: by check mode and by the run.
    before: folder =>
      writePrograms(folder, {
        docker: `#!/bin/sh
count=$(($(cat "$(dirname "$0")/count" 2>/dev/null || echo 0) + 1))
echo $count >"$(dirname "$0")/count"
echo id1; echo id2; [ $count -gt 4 ] || echo id3
`,
      }),
  },
)

test.run()
