import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../../../lib/deferred.ts'
import { stack } from '../../../../lib/operations/stack.ts'
import { makeOutput, nothingPending, plans } from '../../../support/operations.ts'

plans((service: string) => stack.image({ service, provides: new Deferred('the release') }), {
  'it runs': ['brd/app:v2\n', 'stage_php', []],
  'it does not': [
    { exitCode: 1, stderr: 'no such service: stage_php' },
    'stage_php',
    /it does not run: deploy it first.*no such service/,
  ],
  'nothing printed is no image': ['\n', 'stage_php', /it does not run/],
})

test('the image is given to those who ask', () => {
  const provides = new Deferred<string>('the release')
  stack.image({ service: 'stage_php', provides }).decide(makeOutput('brd/app:v2\n'), nothingPending)
  assert.is(provides.get(), 'brd/app:v2')
})

test.run()
