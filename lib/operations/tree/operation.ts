import { type Body, change, Unknown } from '../../operation.ts'
import { keepLogin } from '../access/keep-login.ts'
import { promiseFolders } from '../file/lacks.ts'
import { renderWork } from './apply.ts'
import { planWork } from './plan.ts'
import type { Excludes, PlacedItem } from './source.ts'
import { printState, readState, type State } from './state.ts'

type Want = {
  readonly path: string
  /** The folder itself first. */
  readonly items: readonly PlacedItem[]
  readonly excluded: Excludes
  readonly exact: boolean
}

/** The most bytes of one change: they are held in memory and sent through one channel. */
const MOST = 512 * 1024 * 1024

/** How a folder gets these items, wherever their content comes from. */
export const itemsInFolder: Body<Want, State, (want: Want) => readonly string[]> = {
  name: ({ path }) => path,
  paths: ({ path }) => [path],
  makes: ({ path }) => [...promiseFolders(path), `below ${path}`],
  probe: ({ path, items, exact }) => printState(path, items, exact),
  read: (out, { items }) => readState(out, items),
  plan: (now, { path, items, excluded }) => {
    const work = planWork(path, now, items, excluded)
    if (work instanceof Unknown || work.diff.length === 0)
      return work instanceof Unknown ? work : null
    const bytes = work.puts.reduce((sum, item) => sum + (item.type === 'file' ? item.bytes : 0), 0)
    if (bytes > MOST)
      return new Unknown(
        `${path}: ${bytes} bytes differ, and one change can send ${MOST}: ` +
          'use the operation archive',
      )
    const { apply, stdin } = renderWork(path, work)
    return change(work.diff, keepLogin(apply), {
      ...(stdin === undefined ? {} : { stdin }),
      seconds: 120 + Math.ceil(bytes / 500_000),
    })
  },
  probeSeconds: 120,
}
