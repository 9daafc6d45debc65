import { type Body, change, Unknown } from '../../operation.ts'
import { sh } from '../../sh.ts'
import { keepLogin } from '../access/keep-login.ts'
import { computeFingerprint, parseKeyLine } from '../access/key-line.ts'
import {
  foretellLogin,
  type LoginWay,
  printLoginWay,
  readLoginWay,
  type Step,
} from '../access/login-way.ts'
import { promiseFolders } from '../file/lacks.ts'
import { renderWork } from './apply.ts'
import { planWork, type Work } from './plan.ts'
import type { Excludes, PlacedItem } from './source.ts'
import { printState, readState, type State } from './state.ts'

type Want = {
  readonly path: string
  /** The folder itself first. */
  readonly items: readonly PlacedItem[]
  readonly excluded: Excludes
  readonly exact: boolean
}

type Now = State & { readonly login: LoginWay | null }

/** The most bytes of one change: they are held in memory and sent through one channel. */
const MOST = 512 * 1024 * 1024

/** How a folder gets these items, wherever their content comes from. */
export const itemsInFolder: Body<Want, Now, (want: Want) => readonly string[]> = {
  name: ({ path }) => path,
  paths: ({ path }) => [path],
  makes: ({ path }) => [...promiseFolders(path), `below ${path}`],
  probe: ({ path, items, exact }) => sh`${printLoginWay(path, items[0]?.owner, items[0]?.group)}
${printState(path, items, exact)}`,
  read: (out, { items }) => {
    const state = readState(out, items)
    return state instanceof Unknown ? state : { ...state, login: readLoginWay(out.stderr) }
  },
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
    const refused = foretellLogin(now.login, (inner, step, way) =>
      work.others.includes(inner) ? null : becomeItem({ items, work }, inner, step, way),
    )
    if (refused) return refused
    const { apply, stdin } = renderWork(path, work)
    return change(work.diff, keepLogin(apply), {
      ...(stdin === undefined ? {} : { stdin }),
      seconds: 120 + Math.ceil(bytes / 500_000),
    })
  },
  probeSeconds: 120,
}

/** What a part of the login's way becomes: the item in its place, otherwise it stays. */
const becomeItem = (
  { items, work }: { readonly items: readonly PlacedItem[]; readonly work: Work },
  inner: string,
  step: Step,
  { owner, group }: LoginWay,
): Step => {
  const item = items.find(({ path }) => path === inner)
  if (!item) return step
  const rights = { type: item.type, uid: owner, gid: group, mode: item.mode ?? '777' }
  return item.type === 'file' && work.puts.includes(item)
    ? { ...rights, keys: listFingerprints(item.content()) }
    : rights
}

const listFingerprints = (content: Buffer): readonly string[] =>
  content
    .toString('latin1')
    .split('\n')
    .map(parseKeyLine)
    .flatMap(line => (line === null ? [] : [computeFingerprint(line)]))
