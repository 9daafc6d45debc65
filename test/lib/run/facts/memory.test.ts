import { totalmem } from 'node:os'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { memory } from '../../../../lib/facts.ts'
import { gathers, reads } from '../../../support/facts.ts'

const meminfo = `MemTotal:       24684084 kB
MemFree:        19191716 kB
MemAvailable:   23087624 kB
Buffers:          126248 kB
SwapCached:            0 kB
SwapTotal:       1048572 kB
SwapFree:        1048000 kB
`

reads(memory, {
  Debian: [
    meminfo,
    {
      total: 25_276_502_016,
      available: 23_641_726_976,
      swap: { total: 1_073_737_728, free: 1_073_152_000 },
    },
  ],
  'without swap': [
    meminfo.replace(/104\d+/g, '0'),
    { total: 25_276_502_016, available: 23_641_726_976, swap: { total: 0, free: 0 } },
  ],
  'a part of it': ['MemTotal:       24684084 kB\n', /does not say all/],
})

gathers(memory, ({ total, available }) => {
  assert.ok(Math.abs(total - totalmem()) < 1024)
  assert.ok(available > 0 && available < total)
})

test.run()
