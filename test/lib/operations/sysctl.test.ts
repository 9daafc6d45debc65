import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { sysctl } from '../../../lib/operations/sysctl.ts'
import { plans } from '../../support/operations.ts'

const want = {
  name: 'redis',
  values: { 'vm.overcommit_memory': 1, 'net.ipv4.tcp_rmem': '4096 131072 6291456' },
}
const content = 'vm.overcommit_memory = 1\nnet.ipv4.tcp_rmem = 4096 131072 6291456\n'
const file = `regular file|644|0|0|root|root|${content.length}\n${sha256(content)}\n`

plans(sysctl, {
  'sets and keeps': [
    '= 0\n= 4096 131072 6291456\nabsent\n',
    want,
    [
      'vm.overcommit_memory: 0 -> 1',
      `content: absent -> ${content}`,
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'leaves what is right': [`= 1\n= 4096 131072 6291456\n${file}`, want, []],
  'reads tabs as spaces': [`= 1\n= 4096\t131072\t6291456\n${file}`, want, []],
  'sets what was changed by hand': [
    `= 2\n= 4096 131072 6291456\n${file}`,
    want,
    ['vm.overcommit_memory: 2 -> 1'],
  ],
  'an empty setting is one': [
    `= \n= 4096 131072 6291456\n${file}`,
    want,
    ['vm.overcommit_memory:  -> 1'],
  ],
  'names a key that the kernel has not': [
    `missing\n= 1\n${file}`,
    want,
    /this kernel does not have vm.overcommit_memory/,
  ],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'cat: Permission denied' },
    want,
    /Permission denied/,
  ],
})
test('bad names are errors at once', () => {
  assert.throws(() => sysctl({ name: 'a/b', values: {} }), /cannot be part of a file's name/)
  assert.throws(() => sysctl({ name: 'a', values: { '../x': 1 } }), /is not a key/)
})

test.run()
