import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { renderRequirement } from '../../../../../scripts/lab/images/gather/wheel.ts'

test('pip is told the exact version and every wheel that may be it', () => {
  const wheel = {
    source: 'pypi',
    image: 'x',
    version: '1.2',
    package: 'x-bin',
    binary: 'x',
    hashes: ['aa', 'bb'],
  } as const
  assert.is(renderRequirement(wheel), 'x-bin==1.2 --hash=sha256:aa --hash=sha256:bb\n')
})

test.run()
