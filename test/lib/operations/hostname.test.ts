import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hostname } from '../../../lib/operations/hostname.ts'
import { plans } from '../../support/operations.ts'

plans(hostname, {
  'leaves what is right': ['web-1\nweb-1\n', { name: 'web-1' }, []],
  'changes both': ['old\nold\n', { name: 'web-1' }, ['kept: old -> web-1', 'now: old -> web-1']],
  'sees that it would change at a boot': [
    'old\nweb-1\n',
    { name: 'web-1' },
    ['kept: old -> web-1'],
  ],
  'keeps what is not kept': ['absent\nweb-1\n', { name: 'web-1' }, ['kept: absent -> web-1']],
  'a failed probe is unknown': [{ exitCode: 1 }, { name: 'web-1' }, /exit 1/],
  'an empty answer is unknown': ['', { name: 'web-1' }, /the probe failed/],
})
test('bad names are errors at once', () => {
  assert.throws(() => hostname({ name: 'Web_1' }), /is not a host's name/)
  assert.throws(() => hostname({ name: '-a' }), /is not a host's name/)
})

test.run()
