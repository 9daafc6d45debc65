import { getFromLab } from '../../scripts/lab/reach.ts'

/**
 * What came of constant requests: those that were not answered with 200, and how many there were.
 */
export type LoadResult<T> = {
  readonly result: T
  readonly failed: readonly string[]
  readonly count: number
}

/** Asks for pages again and again while something happens, one asker for each page. */
export const withLoad = async <T>(
  pages: readonly string[],
  work: () => Promise<T>,
): Promise<LoadResult<T>> => {
  const failed: string[] = []
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
    return { result: await work(), failed, count }
  } finally {
    going = false
    await Promise.all(askers)
  }
}
