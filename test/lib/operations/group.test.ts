import { test } from 'uvu'
import { group } from '../../../lib/operations/group.ts'
import { plans } from '../../support/operations.ts'

plans(group, {
  'makes what is absent': [
    'absent\n',
    { name: 'app', gid: 500 },
    ['group: absent -> app', 'gid: absent -> 500'],
  ],
  'leaves what is right': ['app:x:500:anna\n', { name: 'app' }, []],
  'changes the number': ['app:x:501:\n', { name: 'app', gid: 500 }, ['gid: 501 -> 500']],
  removes: ['app:x:500:\n', { name: 'app', state: 'absent' }, ['group: app -> absent']],
  "the group of this run's login stays": [
    'ops:x:500:anna\nanna\n',
    { name: 'ops', state: 'absent' },
    /refused: this run logs in as anna, .*: first take anna out of it, gpasswd --delete anna ops/,
  ],
  'leaves what is removed': ['absent\n', { name: 'app', state: 'absent' }, []],
  'a failed probe is unknown': [{ exitCode: 1 }, { name: 'app' }, /exit 1/],
  'an empty answer is unknown': ['', { name: 'app' }, /the probe failed/],
})

test.run()
