/** W3: one file of 100 MB, beside scp; a folder of 1000 files of 4 KB, beside rsync. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ground } from './bench-hosts.ts'
import type { Row } from './measurement.ts'
import { showStep } from './progress.ts'
import { copyByRsync, copyByScp } from './raw-ssh.ts'
import { describeTask, ENOUGH, type Left, runTool, startSeries } from './rows.ts'

/** The folder goes over, then nothing of it, then ten files of it. */
export const measureW3Folder = async (on: Ground, left: Left): Promise<Row[]> => {
  const source = join(on.dir, 'many')
  const fill = (from: number, to: number) => {
    for (let n = from; n < to; n++)
      writeFileSync(join(source, `dir${n % 10}`, `file${n}`), randomBytes(4096))
  }
  for (let n = 0; n < 10; n++) mkdirSync(join(source, `dir${n}`), { recursive: true })
  fill(0, 1000)
  const servers = on.servers.slice(0, 1)
  for (const { name } of servers) for (const by of ['tool', 'raw']) on.home(`w3-many-${by}`, name)
  const rows: Row[] = []
  for (const [what, changed, before] of [
    ['1000 files', 1, () => {}],
    ['1000 files, unchanged', 0, () => {}],
    ['1000 files, ten of them changed', 1, () => fill(500, 510)],
  ] as const) {
    const one = startSeries()
    showStep(`W3, ${what}`)
    before()
    if (left() > ENOUGH) {
      await one.take('tool', changed, () =>
        runTool({ ...describeTask(on, servers, 'w3-folder', 'w3-many-tool'), source }, left()),
      )
      await one.take('raw', changed, async () => ({
        ...(await copyByRsync(on, servers, source, 'w3-many-raw', left())),
        changed,
      }))
    }
    rows.push(one.row(`W3, ${what}`))
  }
  return rows
}

/** The file goes over, and then it is found to be there. */
export const measureW3 = async (on: Ground, left: Left): Promise<Row[]> => {
  const source = join(on.dir, 'large')
  writeFileSync(source, randomBytes(100_000_000))
  const servers = on.servers.slice(0, 1)
  const [first, second] = [startSeries(), startSeries()]
  for (let n = 1; n <= 3 && left() > ENOUGH; n++) {
    showStep(`W3, 100 MB: ${n} of 3`)
    for (const { name } of servers) for (const by of ['tool', 'raw']) on.home(`w3-${by}-${n}`, name)
    const play = () =>
      runTool({ ...describeTask(on, servers, 'w3', `w3-tool-${n}`), source }, left())
    await first.take('tool', 1, play)
    await first.take('raw', 1, () => copyByScp(on, servers, source, `w3-raw-${n}`, left()))
    await second.take('tool', 0, play)
  }
  return [first.row('W3, 100 MB'), second.row('W3, 100 MB, unchanged')]
}
