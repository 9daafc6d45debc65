import * as assert from 'uvu/assert'
import { getFromLab } from '../../scripts/lab/reach.ts'
import type { LabHost } from './lab-host.ts'

/**
 * What came of constant requests: those that were not answered with 200, and how many there were.
 */
export type LoadResult<T> = {
  readonly result: T
  readonly failed: readonly string[]
  readonly count: number
  /** When the requests began, in seconds since 1970. */
  readonly began: number
}

/** Asks for pages again and again while something happens, one asker for each page. */
export const withLoad = async <T>(
  pages: readonly string[],
  work: () => Promise<T>,
): Promise<LoadResult<T>> => {
  const failed: string[] = []
  const began = Math.floor(Date.now() / 1000)
  let [going, count] = [true, 0]
  const asker = async (page: string): Promise<void> => {
    while (going) {
      count++
      const said = await getFromLab(page).then(
        ({ status, body }) => (status === 200 ? null : `${status} ${body.slice(0, 300)}`),
        (error: Error) => error.message,
      )
      if (said !== null) failed.push(`${new Date().toISOString()} ${page} ${said}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const askers = pages.map(asker)
  try {
    return { result: await work(), failed, count, began }
  } finally {
    going = false
    await Promise.all(askers)
  }
}

/**
 * Every request was answered. If not, the error tells the first and the last of those that were
 * not, and what became of the host's containers meanwhile.
 */
export const assertAllAnswered = (load: LoadResult<unknown>, host: LabHost): void => {
  const { failed, count, began } = load
  assert.ok(count > 0, 'nothing was asked for')
  if (failed.length === 0) return
  const format = '{{.Time}} {{.Actor.Attributes.name}} {{.Action}} {{.Actor.Attributes.exitCode}}'
  const events = host
    .root(`docker events --since ${began} --until "$(date +%s)" --format '${format}'`)
    .split('\n')
    .filter(line => !/ exec_|network| volume/.test(line))
    .map(line => line.replace(/^\d+/, time => new Date(Number(time) * 1000).toISOString()))
  assert.unreachable(
    [
      `${failed.length} of ${count} were not answered`,
      ...failed.slice(0, 8),
      ...(failed.length > 8 ? ['…', failed.at(-1)] : []),
      'what happened to the containers of the host:',
      ...events.slice(-60),
    ].join('\n'),
  )
}
