import { test } from 'uvu'
import { walg } from '../../../lib/operations/walg.ts'
import { plans, settles } from '../../support/operations.ts'
import { dockerProgram, sandboxOperation, writePrograms } from '../../support/sandbox.ts'

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

test.run()
