import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, packageManager, virtualization } from '../../../../lib/facts.ts'
import { isInstalled, requirePrograms, skip } from '../../../../scripts/test/skip.ts'
import { gathers, reads } from '../../../support/facts.ts'

reads(packageManager, {
  Debian: ['apt-get\n', 'apt'],
  Alpine: ['apk\n', 'apk'],
  none: ['none\n', null],
  nothing: ['', /no package manager that is known/],
})
reads(docker, {
  'not installed': ['absent\n', null],
  "Debian's, in no swarm": [
    '20.10.24+dfsg1 inactive false\n',
    { version: '20.10.24+dfsg1', swarm: 'inactive', manager: false },
  ],
  'a manager': ['29.7.2 active true\n', { version: '29.7.2', swarm: 'active', manager: true }],
  'an engine that does not answer': [' inactive false\n', /its engine does not answer/],
})
reads(virtualization, {
  'on the metal': ['none\n', 'none'],
  'a container': ['docker\n', 'docker'],
  'a machine without systemd': ['dmi QEMU Standard PC (i440FX + PIIX, 1996) \n', 'kvm'],
  'at Amazon, without systemd': ['dmi Amazon EC2 m6g.large \n', 'amazon'],
  'the metal, without systemd': ['dmi Dell Inc. PowerEdge R640 \n', 'none'],
  'no firmware that tells': ['dmi \n', 'none'],
  'something else': ['Failed to check\n', /systemd-detect-virt said/],
})

gathers(
  packageManager,
  (value, shell) => assert.is(value, shell === 'busybox' ? null : 'apt'),
  shell => shell === 'busybox' || requirePrograms('apt-get'),
)
gathers(
  docker,
  value => assert.is(value, null),
  shell =>
    shell !== 'busybox' && isInstalled('docker') && skip('docker is installed on this machine'),
)
gathers(virtualization, value => assert.match(value, /^[\w-]+$/))

test.run()
