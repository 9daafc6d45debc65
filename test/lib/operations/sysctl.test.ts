import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../../lib/operations/file/content.ts'
import { sysctl } from '../../../lib/operations/sysctl.ts'
import { plans, refuses, settles } from '../../support/operations.ts'
import { sandboxOperation } from '../../support/sandbox.ts'

const want = {
  name: 'redis',
  values: { 'vm.overcommit_memory': 1, 'net.ipv4.tcp_rmem': '4096 131072 6291456' },
}
const content = 'vm.overcommit_memory = 1\nnet.ipv4.tcp_rmem = 4096 131072 6291456\n'
const file = `regular file|644|0|0|root|root|${content.length}\n${sha256(content)}\n`

plans(sysctl, {
  'sets and keeps': [
    '= 0\n= 4096 131072 6291456\n\nabsent\n',
    want,
    [
      'vm.overcommit_memory: 0 -> 1',
      `content: absent -> ${content}`,
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'leaves what is right': [`= 1\n= 4096 131072 6291456\n\n${file}`, want, []],
  'reads tabs as spaces': [`= 1\n= 4096\t131072\t6291456\n\n${file}`, want, []],
  'numbers as the kernel reads them': [
    '= 16\n= 8 0\n\nabsent\n',
    { name: 'net', values: { 'net.a.b': '0x10', 'net.a.c': '010 0x0' } },
    [
      'content: absent -> net.a.b = 0x10\nnet.a.c = 010 0x0\n',
      'mode: absent -> 644',
      'owner: absent -> root',
      'group: absent -> root',
    ],
  ],
  'sets what was changed by hand': [
    `= 2\n= 4096 131072 6291456\n\n${file}`,
    want,
    ['vm.overcommit_memory: 2 -> 1'],
  ],
  'an empty setting is one': [
    `= \n= 4096 131072 6291456\n\n${file}`,
    want,
    ['vm.overcommit_memory:  -> 1'],
  ],
  'names a key that the kernel has not': [
    `missing\n= 1\n\n${file}`,
    want,
    /this kernel does not have vm.overcommit_memory/,
  ],
  'a failed probe is unknown': [
    { exitCode: 1, stderr: 'cat: Permission denied' },
    want,
    /Permission denied/,
  ],
})
const boot = (...files: readonly (readonly [path: string, ...lines: string[]])[]) =>
  `= 1\n= 4096 131072 6291456\n${files
    .map(([path, ...lines]) => `file ${path}\u0001${lines.map(line => `${line}\u0001`).join('')}`)
    .join('')}\n${file}`

plans(sysctl, {
  'a later file that sets another value is named': [
    boot(['/etc/sysctl.d/99-local.conf', ' vm/overcommit_memory=2 ']),
    want,
    /after a boot it would not hold.*vm\.overcommit_memory = 2 in \/etc\/sysctl\.d\/99-local\.conf/,
  ],
  'a later file of a package counts too': [
    boot(['/usr/lib/sysctl.d/99-x.conf', '-net.ipv4.tcp_rmem = 1 2 3']),
    want,
    /net\.ipv4\.tcp_rmem = 1 2 3 in \/usr\/lib/,
  ],
  'the same value, an earlier file, and a masked one do not matter': [
    boot(
      ['/etc/sysctl.d/10-a.conf', 'vm.overcommit_memory = 2'],
      ['/etc/sysctl.d/70-b.conf'],
      [
        '/etc/sysctl.d/99-c.conf',
        'vm.overcommit_memory = 1',
        'net.ipv4.tcp_rmem=4096\t131072 6291456',
      ],
      ['/usr/lib/sysctl.d/70-b.conf', 'vm.overcommit_memory = 2'],
    ),
    want,
    [],
  ],
  'the last of several files decides': [
    boot(
      ['/etc/sysctl.d/99-c.conf', 'vm.overcommit_memory = 1'],
      ['/run/sysctl.d/70-b.conf', 'vm.overcommit_memory = 2'],
    ),
    want,
    [],
  ],
  'a system without systemd reads sysctl.conf last': [
    boot(
      ['/etc/sysctl.d/99-c.conf', 'vm.overcommit_memory = 1'],
      ['/etc/sysctl.conf', 'vm.overcommit_memory = 0'],
    ),
    want,
    /vm\.overcommit_memory = 0 in \/etc\/sysctl\.conf/,
  ],
})
const key = 'kernel.pid_max'
const value = readFileSync('/proc/sys/kernel/pid_max', 'utf8').trim()
const here = (folder: string) =>
  sandboxOperation(sysctl({ name: 'x', values: { [key]: value } }), folder, ['/etc/sysctl.d'])
const writeSettings = (text: string) => (folder: string) => {
  mkdirSync(`${folder}/etc/sysctl.d`, { recursive: true })
  writeFileSync(`${folder}/etc/sysctl.d/99-y.conf`, text)
}
settles('a setting beside other files', here, {
  before: writeSettings(`# ${key} = 1\n; x\n\n${key}=${value}\nvm.swappiness = 1\n`),
})
refuses('a setting that another file takes back at boot', here, /kernel\.pid_max = 1 in \S*99-y/, {
  before: writeSettings(`vm.swappiness = 1\n  kernel/pid_max=1`),
})
test('bad names are errors at once', () => {
  assert.throws(() => sysctl({ name: 'a/b', values: {} }), /cannot be part of a file's name/)
  assert.throws(() => sysctl({ name: 'a', values: { '../x': 1 } }), /is not a key/)
})

test.run()
