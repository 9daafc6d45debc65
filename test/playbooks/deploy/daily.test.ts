import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { join as lines, type Sh, sh } from '../../../lib/sh.ts'
import {
  execute,
  requireDocker,
  restart,
  showLogs,
  showStatus,
} from '../../../playbooks/deploy/daily.ts'
import { findShell, SHELLS } from '../../support/shells.ts'

const there = requireDocker({ host: 'old-one', cluster: 'brd-infra-old', manager: true })
const php = { stack: 'stage', name: 'php', full: 'stage_php' }
const raise = 'raise its cluster first: npx zx playbooks/bootstrap.ts --cluster brd-infra-old'
const deploy = 'npx zx playbooks/deploy-environment.ts --env stage'

/** What a host says whose docker is this script; null: it has none. */
const said = (shell: (typeof SHELLS)[number], docker: string | null, fragment: Sh): string => {
  const bin = mkdtempSync(join(tmpdir(), 'brd-daily-'))
  try {
    symlinkSync('/usr/bin/timeout', join(bin, 'timeout'))
    if (docker !== null) writeFileSync(join(bin, 'docker'), `#!/bin/sh\n${docker}\n`)
    if (docker !== null) chmodSync(join(bin, 'docker'), 0o755)
    const {
      status: code,
      stdout,
      stderr,
    } = spawnSync(findShell(shell), ['-c', `PATH=${bin}; export PATH\n${fragment.text}`], {
      encoding: 'utf8',
    })
    return `${code} ${stdout}${stderr}`.trim()
  } finally {
    rmSync(bin, { recursive: true })
  }
}

const well = "case $1 in info) echo 'active true' ;; service) [ $2 = ls ] ;; esac"
/**
 * A docker with two containers of one service, of which the newer is being stopped. `told` is what
 * is said of its tasks that are to go on.
 */
const tasks = (told: string): string => `case "$*" in
'service ps --quiet --no-trunc --filter desired-state=running stage_php') ${told} ;;
*task.id=goes-on) echo two ;;
*task.id=*) ;;
*service.name=stage_php) printf 'one\\ntwo\\n' ;;
exec*) echo "$*" ;;
esac`
const rows: Readonly<
  Record<string, readonly [docker: string | null, fragment: Sh, expected: string]>
> = {
  'a host without Docker': [null, there, `1 old-one: Docker is not installed there; ${raise}`],
  'a Docker that does not answer': [
    "echo 'Cannot connect' >&2; exit 1",
    there,
    '1 old-one: Docker does not answer there; look at it with: systemctl status docker',
  ],
  'a Docker without a swarm': [
    "echo 'inactive false'",
    there,
    `1 old-one: is in no swarm; ${raise}`,
  ],
  'a worker that is asked for a manager': [
    "echo 'active false'",
    there,
    `1 old-one: is not a manager of its swarm; ${raise}`,
  ],
  'a worker that is asked for its containers': [
    "echo 'active false'",
    lines([
      requireDocker({ host: 'old-two', cluster: 'brd-infra-old', manager: false }),
      sh`echo yes`,
    ]),
    '0 yes',
  ],
  'status of what was never deployed': [
    well,
    lines([there, showStatus('stage', ['stage-data', 'stage'])]),
    `1 stage is not deployed: ${deploy}`,
  ],
  'logs of what was never deployed': [
    well,
    lines([there, showLogs(php, { tail: '9', follow: false })]),
    `1 stage_php is not deployed: ${deploy}`,
  ],
  'a command goes to the task that is to go on, not to a newer one that is being stopped': [
    tasks("printf 'gone\\ngoes-on\\n'"),
    execute(php, ['date'], false),
    '0 exec --interactive two entrypoint date',
  ],
  'a worker knows no tasks: the newest container is taken': [
    tasks("echo 'This node is not a swarm manager' >&2; exit 1"),
    execute(php, ['date'], false),
    '0 exec --interactive one entrypoint date',
  ],
  'no container of a service runs here': [
    'case $1 in exec) echo ran ;; esac',
    execute(php, ['date'], false),
    '1 no task of stage_php runs here: see status',
  ],
  'a restart of what was never deployed': [
    well,
    lines([there, restart(php)]),
    `1 stage_php is not deployed: ${deploy}`,
  ],
}

for (const shell of SHELLS)
  for (const [title, [docker, fragment, expected]] of Object.entries(rows))
    test(`${title}: ${shell}`, () => assert.is(said(shell, docker, fragment), expected))

test.run()
