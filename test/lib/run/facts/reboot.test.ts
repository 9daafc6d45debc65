import { existsSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { rebootRequired } from '../../../../lib/facts.ts'
import { gathers, reads } from '../../../support/facts.ts'

reads(rebootRequired, {
  'nothing asks': ['nothing\ndone\n', null],
  packages: [
    '/run/reboot-required of 1764145200 libc6 linux-image-6.1.0-40-amd64\ndue\n',
    'libc6 linux-image-6.1.0-40-amd64',
  ],
  'a marker without a list': [
    '/run/reboot-required of 1764145200\ndue\n',
    'a package that does not say its name',
  ],
  'a newer kernel': ['kernel 6.1.0-41-amd64\ndue\n', 'kernel 6.1.0-41-amd64'],
  nothing: ['', /was not told/],
  'more than was asked for': ['kernel 6\ndue\nand on', /was not told/],
})

const asked = existsSync('/run/reboot-required')
gathers(rebootRequired, value =>
  assert.is(asked ? value !== null : value === null || value.startsWith('kernel '), true),
)

test.run()
