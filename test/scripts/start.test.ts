import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

// Plain JavaScript without types: it runs before anything is installed.
const { stale } = (await import(new URL('../../scripts/start.mjs', import.meta.url).href)) as {
  stale: (lock: object, installed?: object) => string | undefined
}

type Module = { readonly version: string; readonly optional?: true }
const packages = (modules: Record<string, Module>) => ({ packages: modules })
const root = { '': { version: '0.1.0' } }
const lock = packages({
  ...root,
  'node_modules/a': { version: '1.0.0' },
  'node_modules/b': { version: '2.0.0', optional: true },
})

const rows: Record<string, [object | undefined, RegExp | undefined]> = {
  'nothing installed': [undefined, /not installed yet/],
  'all as in the lockfile': [
    packages({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' } }),
    undefined,
  ],
  'an optional one is not for this machine': [
    packages({ 'node_modules/a': { version: '1.0.0' } }),
    undefined,
  ],
  'another version': [
    packages({ 'node_modules/a': { version: '1.0.1' } }),
    /1 node modules are not as in package-lock/,
  ],
  'one missing': [packages({}), /1 node modules/],
}

for (const [name, [installed, says]] of Object.entries(rows))
  test(name, () => {
    const why = stale(lock, installed)
    if (says) assert.match(why ?? '', says)
    else assert.is(why, undefined)
  })

test('what is installed here is what the lockfile asks for', () => {
  const read = (path: string): object =>
    JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
  assert.is(stale(read('package-lock.json'), read('node_modules/.package-lock.json')), undefined)
})

test.run()
