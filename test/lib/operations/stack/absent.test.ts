import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { stack } from '../../../../lib/operations/stack.ts'
import { plans, settles } from '../../../support/operations.ts'
import { sandboxOperation, writePrograms } from '../../../support/sandbox.ts'

plans(stack, {
  'nothing of it is there': ['', { name: 'shop', state: 'absent' }, []],
  'its objects, and what was kept of it': [
    'service shop_web\nrecord images\n',
    { name: 'shop', state: 'absent' },
    ['service shop_web: there -> absent', 'record images: there -> absent'],
  ],
  'a Docker that is down': [
    { exitCode: 1, stderr: 'Cannot connect to the Docker daemon' },
    { name: 'shop', state: 'absent' },
    /Cannot connect/,
  ],
})

const records = 'var/lib/brd/stacks'
settles(
  'the records of its deploys go with it',
  folder => sandboxOperation(stack({ name: 'shop', state: 'absent' }), folder),
  {
    before: folder => {
      writePrograms(folder, { docker: '#!/bin/sh\nexit 0\n' })
      mkdirSync(join(folder, records), { recursive: true })
      for (const kind of ['before', 'images'])
        writeFileSync(join(folder, records, `shop.${kind}`), 'x y\n')
    },
    after: folder => {
      for (const kind of ['before', 'images'])
        assert.not.ok(existsSync(join(folder, records, `shop.${kind}`)))
    },
  },
)

test.run()
