import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { job } from '../../lib/operations/job.ts'
import { sh } from '../../lib/sh.ts'
import { jobSecret, transientJob } from '../fixtures/transient-job.ts'
import { type LabHost, openLabHost } from '../support/lab-host.ts'
import {
  parseEvents,
  type RunningPlaybook,
  readOutcomes,
  startPlaybook,
  waitUntil,
} from '../support/run-playbook.ts'

const dir = `/run/brdtest-${process.pid}`
const unit = 'brd-job-brdtest.service'
const clean = `systemctl stop ${unit} 2>/dev/null || :
rm -rf ${dir} /run/brd/jobs/brdtest /var/lib/brd/transient/brdtest; mkdir -p ${dir}`

let host: LabHost
test.before(() => {
  host = openLabHost('old-one')
})
test.before.each(() => void host.root(clean))
test.after(async () => {
  host?.root(`${clean}; rmdir ${dir}`)
  await host?.end()
})

const start = (): RunningPlaybook =>
  startPlaybook('transient', ['--lab', '-l', 'old-one', '--dir', dir, '--json'])
const sees = (run: RunningPlaybook, what: string) =>
  waitUntil(`the run shows ${what}`, () => run.output().includes(what), 60)
const invocation = () => host.root(`systemctl show --property=InvocationID --value ${unit}`).trim()
const state = () => host.root(`systemctl is-active ${unit} || :`).trim()
const log = () => host.root(`cat ${dir}/log 2>/dev/null || :`)
const left = () => host.root('ls -A /run/brd/jobs 2>/dev/null || :')

test('a job outlives a controller that is killed and one that is interrupted', async () => {
  const killed = start()
  await sees(killed, String.raw`progress: {\"done\":1}`)
  const id = invocation()
  assert.match(id, /^[0-9a-f]{32}$/)
  killed.kill('SIGKILL')
  await killed.ended

  const interrupted = start()
  await sees(interrupted, String.raw`progress: {\"done\":1}`)
  assert.is(invocation(), id)
  interrupted.kill('SIGINT')
  const { code, stdout } = await interrupted.ended
  assert.equal([code, readOutcomes(parseEvents(stdout), 'old-one')], [130, ['in-flight']])

  const last = start()
  await sees(last, 'working with 24 bytes')
  assert.is(invocation(), id)
  const other = job.transient({ name: 'brdtest', run: sh`true` })
  const { error } = await host.converge([other])
  assert.match(error?.message ?? '', /brd-job-brdtest\.service runs with other inputs, since/)
  assert.match(error?.next ?? '', /systemctl stop brd-job-brdtest\.service/)
  const shown = host.root(
    `systemctl show ${unit}; ps -eo args=; cat /proc/[0-9]*/environ | tr '\\0' '\\n'
cat /var/lib/brd/transient/brdtest; find /run/brd/jobs/brdtest -type f ! -path '*/secrets/*' \\
  -exec cat {} +; journalctl --no-pager _SYSTEMD_INVOCATION_ID=${id}`,
  )
  assert.match(shown, /MemoryMax=67108864\n/)
  assert.match(shown, /IOSchedulingClass=3\n/)
  assert.not.match(shown, new RegExp(jobSecret.reveal()))
  assert.not.match(shown, new RegExp(Buffer.from(jobSecret.reveal()).toString('base64')))
  assert.is(
    host.root(`find /run/brd/jobs -type f -perm /077; find /run/brd/jobs -type d -perm /077`),
    '',
  )

  host.root(`: >${dir}/go`)
  const done = await last.ended
  assert.equal([done.code, readOutcomes(parseEvents(done.stdout), 'old-one')], [0, ['changed']])
  assert.equal([log(), left(), state()], ['cleaned\n', '', 'inactive'])
  assert.match(host.root('cat /var/lib/brd/transient/brdtest'), /\ncleanUp=0\nprogress={"done":2}/)
  const again = await host.converge([transientJob(dir)])
  assert.equal([again.trips, again.outcomes], [1, [{ is: 'ok' }]])
})

const cleanUp = sh`echo "$SERVICE_RESULT" >>${`${dir}/log`}`

test('a job that fails says how, with its last lines, until it is asked for anew', async () => {
  const failing = (rerun?: string) =>
    job.transient({
      name: 'brdtest',
      run: sh`echo no room left; [ -e ${dir}/log ] || exit 3`,
      cleanUp,
      ...(rerun === undefined ? {} : { rerun }),
    })
  assert.is((await host.converge([failing()], true)).outcomes[0]?.is, 'would-change')
  const { error } = await host.converge([failing()])
  assert.match(error?.message ?? '', /brd-job-brdtest\.service failed: exit 3$/)
  assert.is(error?.stderr, 'no room left')
  assert.equal([log(), left()], ['exit-code\n', ''])
  const checked = await host.converge([failing()], true)
  assert.equal(checked.error, error)
  assert.is((await host.converge([failing('again')])).outcomes[0]?.is, 'changed')
  assert.is(log(), 'exit-code\nsuccess\n')
})

test('a job that takes too long is ended and cleaned up', async () => {
  const { error } = await host.converge([
    job.transient({ name: 'brdtest', run: sh`sleep 600`, cleanUp, timeoutSeconds: 1 }),
  ])
  assert.match(error?.message ?? '', /brd-job-brdtest\.service ended by its time limit$/)
  assert.equal([log(), left(), state()], ['timeout\n', '', 'inactive'])
})

test('an absent job is stopped, cleaned up and forgotten', async () => {
  host.root(`systemd-run --quiet --collect --unit=${unit} \\
  --property="ExecStopPost=/bin/sh -c 'echo cleaned >${dir}/log'" sleep 600`)
  const absent = job.transient({ name: 'brdtest', state: 'absent' })
  assert.is((await host.converge([absent])).outcomes[0]?.is, 'changed')
  assert.equal([log(), state()], ['cleaned\n', 'inactive'])
  assert.equal((await host.converge([absent])).outcomes, [{ is: 'ok' }])
})

test.run()
