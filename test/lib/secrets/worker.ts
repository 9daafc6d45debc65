/** A process of its own for the store's tests: `worker.ts STORE KEY NAME…` ensures each name. */
import { openStore } from '../../../lib/secrets/store.ts'

const [path = '', key = '', ...names] = process.argv.slice(
  process.argv.findIndex(word => word.endsWith('worker.ts')) + 1,
)
const store = await openStore({ path, key })
process.stdout.write('open\n')
for (const name of names) await store.ensure(name)
