import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rememberTasks, watchStack } from '../../../../lib/operations/stack/watch.ts'
import { makeDockerShim } from '../../../support/docker-shim.ts'

const SHELLS = ['dash', 'bash --norc', 'busybox sh'].filter(
  shell => spawnSync('sh', ['-c', `command -v ${shell.split(' ')[0]}`]).status === 0,
)
const test = suite('the watch of a stack')

/** What Docker says from a second on. A part that is null fails. */
type Frame = Partial<Record<'ids' | 'replicas' | 'states' | 'tasks' | 'log' | 'old', string | null>>

/** Answers from the frame of the current second. */
const program = `read -r at _ <"$HERE/uptime"; at=\${at%%.*}
while [ ! -d "$HERE/frames/$at" ]; do at=$((at - 1)); done
part() { [ -e "$HERE/frames/$at/$1" ] || exit 1; cat "$HERE/frames/$at/$1"; }
case "$1 $2 $*" in
  'service ls '*Replicas*) part replicas ;;
  'service ls '*) part ids ;;
  'service inspect '*) part states ;;
  'service ps '*Error*) part tasks ;;
  'service ps '*) part old ;;
  'service logs '*) part log ;;
  *) exit 9 ;;
esac`

const running: Frame = {
  ids: 'web',
  replicas: 'R replicated s_web 1/1',
  states: 'S s_web completed',
  tasks: 'T a s_web.1 Running Running 3 seconds ago |',
  log: '',
  old: 'a',
}
const starting: Frame = {
  ...running,
  replicas: 'R replicated s_web 0/1',
  tasks: 'T a s_web.1 Running Starting 1 second ago |',
}
const paused: Frame = { ...running, states: 'S s_web paused' }
const failing = (id: string): Frame => ({
  ...starting,
  tasks: `T ${id} s_web.1 Shutdown Failed 1 second ago | "task: non-zero exit (7)"`,
})

type Watched = {
  readonly status: number | null
  /** The second at which the watch ended. */
  readonly at: number
  readonly stderr: string
  readonly asked: readonly string[]
}

const watch = (
  shell: string,
  frames: Readonly<Record<number, Frame>>,
  {
    seconds = 20,
    holds = 0,
    remember = false,
  }: { seconds?: number; holds?: number | ReadonlyMap<string, number>; remember?: boolean } = {},
): Watched => {
  const shim = makeDockerShim(program)
  try {
    const clock = join(shim.folder, 'uptime')
    writeFileSync(clock, '0.5 0\n')
    for (const [second, frame] of Object.entries(frames)) {
      const folder = join(shim.folder, 'frames', second)
      mkdirSync(folder, { recursive: true })
      for (const [part, text] of Object.entries({ ...running, ...frame }))
        if (text !== null) writeFileSync(join(folder, part), text === '' ? '' : `${text}\n`)
    }
    const { text } = watchStack({ stack: 's', seconds, holds, deployed: true } as never)
    const script = `${remember ? rememberTasks('s').text : 'before='}\n${text}`
      .replaceAll('/proc/uptime', clock)
      .replaceAll('sleep 1', 'tick')
    const tick = `tick() { read -r at _ <${clock}; echo "$((\${at%%.*} + 1)).0 0" >${clock}; }`
    const [command = '', ...words] = shell.split(' ')
    const { status, stderr } = spawnSync(command, [...words, '-c', `${tick}\n${script}`], {
      encoding: 'utf8',
      env: { PATH: `${shim.folder}:${process.env['PATH']}` },
      timeout: 60_000,
    })
    return {
      status,
      stderr,
      at: Math.floor(Number(readFileSync(clock, 'utf8').split(' ')[0])),
      asked: shim.calls(),
    }
  } finally {
    shim.remove()
  }
}

for (const shell of SHELLS) {
  const ends = (watched: Watched, status: number, at: number, stderr = ''): void =>
    assert.equal([watched.status, watched.at, watched.stderr], [status, at, stderr])

  test(`a stack that is well for two seconds is well: ${shell}`, () => {
    ends(watch(shell, { 0: running }), 0, 2)
    ends(watch(shell, { 0: starting, 3: running }), 0, 5)
    ends(watch(shell, { 0: running, 1: starting, 2: running }), 0, 4)
  })

  test(`at its deadline it says what it waits for, or that it came too late: ${shell}`, () => {
    const late = 'not converged after 5 s: '
    ends(watch(shell, { 0: starting }, { seconds: 5 }), 1, 5, `${late}s_web 0/1\n`)
    ends(watch(shell, { 0: starting, 3: running }, { seconds: 5 }), 0, 5)
    ends(
      watch(shell, { 0: starting, 4: running }, { seconds: 5 }),
      1,
      5,
      `${late}it came up too late to be judged\n`,
    )
    ends(
      watch(shell, { 0: running }, { seconds: 0 }),
      1,
      0,
      'not converged after 0 s: for Docker to answer\n',
    )
  })

  test(`a Docker that does not answer is waited for, whichever question fails: ${shell}`, () => {
    for (const part of ['ids', 'replicas', 'states', 'tasks'] as const) {
      ends(watch(shell, { 0: { [part]: null }, 3: running }), 0, 5)
      ends(
        watch(shell, { 0: { [part]: null } }, { seconds: 4 }),
        1,
        4,
        'not converged after 4 s: for Docker to answer\n',
      )
    }
  })

  test(`a failure ends it with the log of its task, and the reason last: ${shell}`, () => {
    const broken = { ...failing('b'), states: 'S s_web paused', log: 'PHP Fatal error' }
    const failed = watch(shell, { 0: starting, 2: broken })
    ends(
      failed,
      1,
      2,
      'its last lines of log:\nPHP Fatal error\n' +
        's_web: its update is paused: task: non-zero exit (7)\n',
    )
    assert.ok(failed.asked.includes('service logs --raw --tail 10 b'), failed.asked.join('\n'))
    const reason = 's_web: its update is paused: task: non-zero exit (7)\n'
    ends(watch(shell, { 0: { ...broken, log: '' } }), 1, 0, reason)
    ends(watch(shell, { 0: { ...broken, log: null } }), 1, 0, reason)
  })

  test(`a failure without a task asks for no log: ${shell}`, () => {
    const failed = watch(shell, { 0: { ...paused, log: 'of nobody' } })
    ends(failed, 1, 0, 's_web: its update is paused\n')
    assert.not.ok(failed.asked.some(line => line.startsWith('service logs')))
  })

  test(`failures of one look are remembered in the next: ${shell}`, () => {
    ends(
      watch(shell, { 0: failing('a'), 1: failing('b'), 2: failing('c') }),
      1,
      2,
      's_web: its tasks fail again and again: task: non-zero exit (7)\n',
    )
  })

  test(`a stack without services is well, and nothing is asked of no service: ${shell}`, () => {
    const none = { ids: '', replicas: '', states: null, tasks: null, old: null }
    const watched = watch(shell, { 0: none }, { remember: true })
    ends(watched, 0, 2)
    assert.equal(
      watched.asked.filter(line => !line.startsWith('service ls')),
      [],
    )
  })

  test(`a new task must have run for as long as its service asks: ${shell}`, () => {
    ends(watch(shell, { 0: running }, { holds: 5 }), 0, 7)
    ends(watch(shell, { 0: running }, { holds: new Map([['s_web', 3]]) }), 0, 5)
    ends(watch(shell, { 0: running }, { holds: 5, remember: true }), 0, 2)
    ends(watch(shell, { 0: { ...running, old: 'other' } }, { holds: 5, remember: true }), 0, 7)
  })

  test(`only the services of the stack are asked for: ${shell}`, () => {
    const { asked } = watch(shell, { 0: running }, { remember: true })
    const listed = asked.filter(line => line.startsWith('service ls'))
    assert.ok(listed.length > 0)
    for (const line of listed) assert.match(line, '--filter label=com.docker.stack.namespace=s')
  })
}

test.run()
