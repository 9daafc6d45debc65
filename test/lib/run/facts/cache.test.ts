import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { kernel, os } from '../../../../lib/facts.ts'
import { readCachedFacts, writeCachedFacts } from '../../../../lib/run/facts/cache.ts'
import { sh } from '../../../../lib/sh.ts'

const folder = mkdtempSync(join(tmpdir(), 'brdtest-cache-'))
test.after(() => rmSync(folder, { recursive: true }))

const web1 = { name: 'web1', address: '192.0.2.1', port: 22 }
const now = 1_000_000_000
const minute = 60_000
await writeCachedFacts(
  folder,
  web1,
  new Map([[kernel, { printed: '6.1.0\n', value: '6.1.0' }]]),
  now,
)
await writeCachedFacts(
  folder,
  web1,
  new Map([[os, { printed: 'ID=debian\n', value: null }]]),
  now + 5 * minute,
)

const rows: Record<string, [Parameters<typeof readCachedFacts>, number | null]> = {
  'what is new enough, and how old the oldest is': [
    [folder, web1, [kernel, os], 10, now + 9 * minute],
    now,
  ],
  'one alone': [[folder, web1, [os], 10, now + 9 * minute], now + 5 * minute],
  'nothing that is too old': [[folder, web1, [kernel, os], 10, now + 11 * minute], null],
  'nothing from the future': [[folder, web1, [kernel], 10, now - minute], null],
  'nothing of another address': [
    [folder, { ...web1, address: '192.0.2.2' }, [kernel], 10, now],
    null,
  ],
  'nothing of another host': [[folder, { ...web1, name: 'web2' }, [kernel], 10, now], null],
  'nothing that is asked in another way now': [
    [folder, web1, [{ ...kernel, probe: sh`uname -v` }], 10, now],
    null,
  ],
  'nothing that is not understood any more': [
    [folder, web1, [{ ...os, read: kernel.read, name: 'os' }], 10, now + 5 * minute],
    now + 5 * minute,
  ],
}
for (const [title, [args, at]] of Object.entries(rows))
  test(title, () => assert.is(readCachedFacts(...args)?.at ?? null, at))

test('the values are read anew from what was printed', () => {
  const found = readCachedFacts(folder, web1, [os], 10, now + 5 * minute)?.known.get(os)?.value
  assert.equal(found, {
    id: 'debian',
    name: 'debian',
    version: null,
    codename: null,
    family: 'debian',
  })
})

test('a file that is broken is as none', () => {
  writeFileSync(join(folder, 'web3.json'), '{"subj')
  assert.is(readCachedFacts(folder, { ...web1, name: 'web3' }, [os], 10, now), null)
})

test.run()
