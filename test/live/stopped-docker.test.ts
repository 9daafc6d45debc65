import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { docker } from '../../lib/operations/docker.ts'
import { type LabHost, openLabHost } from '../support/lab-host.ts'
import { leaveSwarm } from '../support/reset-hosts.ts'
import {
  parseEvents,
  type RunResult,
  readLab,
  readOutcomes,
  runPlaybook,
} from '../support/run-playbook.ts'

let host: LabHost
test.before(async () => {
  host = openLabHost('old-two')
  await leaveSwarm(host, 'old-two')
  if (host.root('command -v dockerd || :') === '') {
    const settings = { 'registry-mirrors': [readLab().mirror] }
    assert.is((await host.converge(docker.engine({ package: 'docker.io', settings }))).result, 'ok')
  }
})
test.after(() => host?.end())

const check = (...more: readonly string[]): Promise<RunResult> =>
  runPlaybook('docker', ['--lab', '--check', ...more])

test('dockerd stopped by SIGSTOP: what asks it is named and ends; the rest reports', async () => {
  const wouldChange = Array(3).fill('would-change')
  const told = async () => readOutcomes(parseEvents((await check('--json')).stdout), 'old-two')
  assert.equal(await told(), wouldChange)
  host.root('kill -STOP $(pidof dockerd)')
  try {
    const { code, stdout } = await check()
    assert.is(code, 2)
    assert.match(
      stdout,
      /old-two +failed +swarm.*\n.*cannot be read: the probe hung and was ended after its deadline/,
    )
    assert.match(stdout, /^checked docker: 2 hosts \(1 ok, 1 failed\), 4 would change/m)
    assert.equal(host.root('pgrep -x docker || :'), '', 'no client is left waiting')
  } finally {
    host.root('kill -CONT $(pidof dockerd)')
  }
  assert.equal(await told(), wouldChange)
})

test.run()
