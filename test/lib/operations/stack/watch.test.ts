import { execFileSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { JUDGE } from '../../../../lib/operations/stack/watch.ts'

const there = (command: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`])
    return true
  } catch {
    return false
  }
}
const awks = [['mawk'], ['gawk', '--posix'], ['original-awk'], ['busybox', 'awk']].filter(
  ([name = '']) => there(name),
)

const verdicts: Record<
  string,
  readonly [lines: string, verdict: string, more?: { now?: number; deployed?: boolean }]
> = {
  'all run': [
    'S t_web completed\nR replicated t_web 2/2\nT a t_web.1 Running Running 3 seconds ago |',
    'well',
  ],
  'a new task that has just come up': [
    'H t_web 15\nS t_web -\nR replicated t_web 1/1\nT a t_web.1 Running Running 3 seconds ago |',
    'wait new tasks to have run 15 s more',
  ],
  'and that has run for eight seconds': [
    'H t_web 15\nU a 2\nS t_web -\nR replicated t_web 1/1\nT a t_web.1 Running Running 8 seconds ago |',
    'wait new tasks to have run 7 s more',
  ],
  'and for as long as is asked for': [
    'H t_web 15\nU a 2\nS t_web -\nR replicated t_web 1/1\nT a t_web.1 Running Running 15 seconds ago |',
    'well',
    { now: 17 },
  ],
  'the time while its health is not known counts': [
    'H t_web 15\nU a 0\nS t_web -\nR replicated t_web 1/1\nT a t_web.1 Running Running 1 second ago |',
    'well',
    { now: 15 },
  ],
  'what ends after eight seconds is not well': [
    'H t_web 15\nU a 2\nS t_web -\nR replicated t_web 0/1\nT b t_web.1 Ready Ready 1 second ago |\nT a t_web.1 Shutdown Failed 1 second ago | "task: non-zero exit (1)"',
    'wait t_web 0/1 (t_web: task: non-zero exit (1))',
  ],
  'each service has its own time, and others one for all': [
    'H * 5\nH t_web 3\nU a 4\nU b 4\nS t_web -\nR replicated t_web 1/1\nR replicated t_db 1/1\nT a t_web.1 Running Running 6 s ago |\nT b t_db.1 Running Starting 6 s ago |',
    'well',
  ],
  'a task from before needs no time': [
    'H t_web 15\nO a\nS t_web -\nR replicated t_web 1/1\nT a t_web.1 Running Running 1 second ago |',
    'well',
  ],
  'a new service has no update': ['S t_web -\nR replicated t_web 1/1', 'well'],
  'none wanted is well': ['S t_web -\nR replicated t_web 0/0', 'well'],
  'a global service on no node waits': ['S t_g -\nR global t_g 0/0', 'wait t_g 0/0'],
  'replicas with their limit a node': [
    'S t_web -\nR replicated t_web 1/2 (max 1 per node)',
    'wait t_web 1/2',
  ],
  'an update under way': ['S t_web updating\nR replicated t_web 2/2', 'wait t_web updating'],
  'rolled back, with the reason': [
    'S t_web rollback_completed\nR replicated t_web 1/1\nT b t_web.1 Shutdown Rejected 4 seconds ago | "No such image: nginx:9"',
    'fail t_web b it was rolled back to the previous version: No such image: nginx:9',
  ],
  'rolled back, and the unhealthy task ended in good order': [
    'O a\nS t_web rollback_completed\nR replicated t_web 1/1\nT c t_web.1 Shutdown Shutdown 2 seconds ago |\nT b t_web.1 Shutdown Complete 9 seconds ago |\nT a t_web.1 Running Running 1 hour ago |',
    'fail t_web b it was rolled back to the previous version: its new task was not healthy, or ended',
  ],
  'rolled back, and the old version is not up again': [
    'S t_web rollback_completed\nR replicated t_web 0/1',
    'wait t_web 0/1',
  ],
  'rolled back before this deploy': [
    'S t_web rollback_completed\nR replicated t_web 1/1',
    'well',
    { deployed: false },
  ],
  paused: [
    'S t_web paused\nR replicated t_web 1/1\nT b t_web.1 Shutdown Failed 4 seconds ago | "task: non-zero exit (1)"',
    'fail t_web b its update is paused: task: non-zero exit (1)',
  ],
  'a rollback under way waits for its end': [
    'S t_web rollback_started\nR replicated t_web 1/1\nT b t_web.1 Shutdown Failed 4 seconds ago | "x"',
    'wait t_web rollback_started (t_web: x)',
  ],
  'an image that is not there': [
    'S t_web -\nR replicated t_web 0/1\nT b t_web.1 Shutdown Rejected 1 second ago | "No such image: nginx:9"',
    'fail t_web b No such image: nginx:9',
  ],
  'two failures may pass': [
    'F x t_web\nS t_web -\nR replicated t_web 1/1\nT y t_web.1 Shutdown Failed 9 seconds ago | "e"',
    'wait  (t_web: e)',
  ],
  'three failures, counted over looks': [
    'F x t_web\nF z t_web\nS t_web -\nR replicated t_web 0/1\nT y t_web.1 Shutdown Failed 9 seconds ago | "task: non-zero exit (1)"',
    'fail t_web y its tasks fail again and again: task: non-zero exit (1)',
  ],
  'a task that could not be started once, and was at the second try': [
    'F x t_web 10\nS t_web -\nR replicated t_web 1/1\nT y t_web.1 Running Running 28 seconds ago |\nT x t_web.1 Shutdown Failed 30 seconds ago | "starting container failed: device or resource busy"',
    'well',
    { now: 40 },
  ],
  'and while it is not up again, why': [
    'S t_web -\nR replicated t_web 0/1\nT y t_web.1 Running Starting 1 second ago |\nT x t_web.1 Shutdown Failed 2 seconds ago | "starting container failed: device or resource busy"',
    'wait t_web 0/1 (t_web: starting container failed: device or resource busy)',
  ],
  'failures from before do not count': [
    'O x\nO y\nO z\nS t_web -\nR replicated t_web 1/1\nT x t_web.1 Shutdown Failed a | "e"\nT y t_web.1 Shutdown Failed b | "e"\nT z t_web.1 Shutdown Failed c | "e"',
    'well',
  ],
  'no node for a moment': [
    'S t_web -\nR replicated t_web 0/1\nT p t_web.1 Running Pending 1 second ago | "no suitable node (1 node not available)"',
    'wait t_web 0/1 (t_web: no suitable node (1 node not available))',
    { now: 5 },
  ],
  'no node for twenty seconds': [
    'P p 5\nS t_web -\nR replicated t_web 0/1\nT p t_web.1 Running Pending 20 seconds ago | "no suitable node (host-mode port already in use on 1 node)"',
    'fail t_web p no node takes it: no suitable node (host-mode port already in use on 1 node)',
    { now: 25 },
  ],
}

for (const [name = '', ...args] of awks)
  for (const [title, [lines, verdict, { now = 10, deployed = true } = {}]] of Object.entries(
    verdicts,
  ))
    test(`${title} (${name})`, () => {
      const out = execFileSync(
        name,
        [...args, '-v', `now=${now}`, '-v', `deployed=${deployed ? 1 : 0}`, JUDGE],
        {
          input: `${lines}\n`,
          encoding: 'utf8',
        },
      )
      assert.is(out.trimEnd().split('\n').at(-1), verdict)
    })

test('what was seen is handed to the next look', () => {
  const [name = '', ...args] = awks[0] as string[]
  const input =
    'F x t_web\nS t_web -\nR replicated t_web 0/1\nT y t_web.1 Shutdown Failed 1 s | "e"\nT p t_web.1 Running Pending 1 s | "no suitable node"\n'
  const out = execFileSync(name, [...args, '-v', 'now=7', '-v', 'deployed=1', JUDGE], {
    input,
    encoding: 'utf8',
  })
  assert.equal(out.trimEnd().split('\n').slice(0, -1).sort(), [
    'F x t_web 7',
    'F y t_web 7',
    'P p 7',
  ])
})

test.run()
