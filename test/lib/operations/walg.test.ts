import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import { walg } from '../../../lib/operations/walg.ts'
import { plans, settles } from '../../support/operations.ts'
import { dockerProgram, sandboxOperation, writePrograms } from '../../support/sandbox.ts'
import { makeZombie } from '../../support/zombie.ts'

const want = { service: 'stage-data_walg' }

plans(walg.full, {
  'no backup in this place': ['none\n', want, ['full backup: absent -> taken']],
  'there is one': ['there\n', want, []],
  'a failed probe is not "none"': [
    { exitCode: 1, stderr: 'STAND-IN for wal-g' },
    want,
    /STAND-IN for wal-g/,
  ],
  'nothing printed is not "none"': ['', want, /cannot be listed/],
})

const program = `#!/bin/sh
here=$(dirname "$0")/..
case "$*" in
  *'backup-list --detail --json')
    if [ -e "$here/done" ]
    then echo '[{"backup_name":"stream_20261126T020000Z"}]'
    else echo 'INFO: No backups found' >&2
    fi ;;
  *backup-push) : >"$here/done" ;;
  *) exit 70 ;;
esac
`
settles('a first backup', folder => sandboxOperation(walg.full(want), folder), {
  before: folder => writePrograms(folder, { docker: dockerProgram, 'wal-g': program }),
})

const zombie = await makeZombie()
test.after(zombie.end)
settles(
  'a first backup after one that has ended, for which nobody has asked',
  folder => sandboxOperation(walg.full(want), folder, ['/tmp/brd-backup-push']),
  {
    before: folder => {
      writePrograms(folder, { docker: dockerProgram, 'wal-g': program })
      const own = join(folder, 'tmp/brd-backup-push')
      mkdirSync(own, { recursive: true })
      writeFileSync(join(own, 'process'), `${zombie.pid}\n`)
    },
  },
)

test.run()
