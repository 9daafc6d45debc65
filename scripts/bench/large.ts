/** W3: one file of 100 MB, beside scp. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './ground.ts'
import type { Row } from './measured.ts'
import { scp } from './raw.ts'
import { ENOUGH, type Left, series, taskOf, tool } from './rows.ts'

/** The file goes over, and then it is found to be there. */
export const w3 = async (on: Ground, left: Left): Promise<Row[]> => {
  const source = join(on.dir, 'large')
  writeFileSync(source, randomBytes(100_000_000))
  const servers = on.servers.slice(0, 1)
  const [first, second] = [series(), series()]
  for (let n = 1; n <= 3 && left() > ENOUGH; n++) {
    for (const { name } of servers) for (const by of ['tool', 'raw']) on.home(`w3-${by}-${n}`, name)
    const play = () => tool({ ...taskOf(on, servers, 'w3', `w3-tool-${n}`), source }, left())
    await first.take('tool', 1, play)
    await first.take('raw', 1, () => scp(on, servers, source, `w3-raw-${n}`, left()))
    await second.take('tool', 0, play)
  }
  return [first.row('W3, 100 MB'), second.row('W3, 100 MB, unchanged')]
}
