/** Opens a throwaway and works in it until it is killed: `hold-throwaway.ts MOMENT KIT`. */
import { openThrowaway } from '../../lib/verification/throwaway.ts'

const [, , moment = '', kit = '{}'] = process.argv
const place = await openThrowaway({
  ...JSON.parse(kit),
  run: 'killed',
  folders: ['/var/lib/mysql', '/restore'],
  user: 'mysql',
})
const work = { script: 'touch /restore/begun; exec sleep 600', seconds: 600 }
if (moment === 'run') void place.run(work)
if (moment === 'fetch') void place.fetch({ ...work, secrets: {} })
if (moment !== 'open')
  while ((await place.run({ script: 'test -e /restore/begun' })).exitCode !== 0);
process.stdout.write('open\n')
await new Promise(resolve => setTimeout(resolve, 600_000))
