import { readFileSync } from 'node:fs'
import { hostname as name, release } from 'node:os'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { arch, boot, cpus, hostname, kernel } from '../../../../lib/facts.ts'
import { gathers, reads } from '../../../support/facts.ts'

reads(kernel, {
  Debian: ['6.1.0-18-amd64\n', '6.1.0-18-amd64'],
  Alpine: ['6.12.13-0-virt\n', '6.12.13-0-virt'],
  'an error instead': ['uname: unknown option\n', /uname said/],
})
reads(arch, {
  'a PC': ['x86_64\n', 'amd64'],
  'a Graviton': ['aarch64\n', 'arm64'],
  'an old Raspberry': ['armv7l\n', 'arm'],
  'one of the same name': ['riscv64\n', 'riscv64'],
  nothing: ['', /uname said ""/],
})
reads(cpus, { two: ['2\n', 2], none: ['0\n', /nproc said/], nothing: ['', /nproc said ""/] })
reads(hostname, { 'a name': ['infra-stage\n', 'infra-stage'], nothing: ['\n', /said/] })
reads(boot, {
  Debian: [
    '78ccc7e1-7409-43fd-9017-c2cf6da91e6a\n1275.17 160.32\n',
    { id: '78ccc7e1-7409-43fd-9017-c2cf6da91e6a', uptime: 1275.17 },
  ],
  'half of it': ['78ccc7e1-7409-43fd-9017-c2cf6da91e6a\n', /no boot id and uptime/],
})

gathers(kernel, value => assert.is(value, release()))
gathers(arch, value => assert.match(value, /^(amd64|arm64|\w+)$/))
gathers(cpus, value => assert.ok(value >= 1))
gathers(hostname, value => assert.is(value, name()))
gathers(boot, ({ id, uptime }) => {
  assert.is(id, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  assert.ok(uptime > 0)
})

test.run()
