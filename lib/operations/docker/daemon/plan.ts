import { type Change, change, type Diff } from '../../../operation.ts'
import { type Action, applySettings, formatSettings } from './apply.ts'
import {
  type DaemonState,
  type Effective,
  endWithSlash,
  type Json,
  parseSettings,
} from './state.ts'

/** Settings that dockerd reads again on SIGHUP. */
const reloadable = [
  'registry-mirrors',
  'insecure-registries',
  'labels',
  'debug',
  'shutdown-timeout',
]

/** Plans the file, and the reload or restart that makes dockerd use it. */
export const planDaemon = (now: DaemonState, want: Json): Change | null => {
  const written = diffFile(now.file, want)
  if (now.unit !== 'running') return change(written, applySettings(want, null))
  const due = now.active ? diffSettings(now.active, want) : [{ key: '(unknown)', after: null }]
  const ignored = listIgnored(now.effective, want)
  const action =
    [...due, ...ignored.map(key => ({ key, after: want[key] ?? null }))]
      .map(chooseAction)
      .sort()
      .at(-1) ?? null
  const before =
    ignored.length > 0 && due.length === 0
      ? `runs with other ${ignored.join(', ')}`
      : 'runs with its settings as they were'
  const disruptive =
    action === 'restart' && now.containers
      ? { disruptive: 'Docker restarts, and the containers of this host with it' }
      : {}
  return change(
    [...written, ...(action ? [{ key: action, before, after: `${action}ed` }] : [])],
    applySettings(want, action),
    { seconds: 240, ...disruptive },
  )
}

const diffFile = (file: string | null, want: Json): Diff => {
  const text = formatSettings(want)
  if (file === text) return []
  const settings = file === null ? {} : parseSettings(file)
  if (!settings) return [{ key: 'content', before: file, after: text, text: true }]
  const keys = diffSettings(settings, want)
  return keys.length > 0 ? keys : [{ key: 'layout', before: 'other', after: 'as written here' }]
}

// A reload does not reset a setting that is removed.
const chooseAction = ({ key, after }: { key: string; after: unknown }): Action =>
  reloadable.includes(key) && after !== null ? 'reload' : 'restart'

const diffSettings = (now: Json, want: Json): Diff =>
  [...new Set([...Object.keys(want), ...Object.keys(now)])].flatMap(key => {
    const [before, after] = [now[key], want[key]].map(value =>
      value === undefined ? null : JSON.stringify(value),
    )
    return before === after ? [] : [{ key, before: before ?? null, after: after ?? null }]
  })

/**
 * Lists the settings that dockerd does not use although they are in its file: another flag
 * overrides them, or a reload was missed.
 */
const listIgnored = (now: Effective | null, want: Json): readonly string[] => {
  if (!now) return []
  const list = (key: string): readonly string[] =>
    (want[key] as readonly string[] | undefined) ?? []
  const used: Readonly<Record<string, boolean>> = {
    'registry-mirrors': list('registry-mirrors').map(endWithSlash).join() === now.mirrors.join(),
    'insecure-registries': list('insecure-registries').every(host => now.insecure.includes(host)),
    labels: list('labels').toSorted().join() === now.labels.toSorted().join(),
    'log-driver': want['log-driver'] === undefined || want['log-driver'] === now.driver,
  }
  return Object.keys(used).filter(key => !used[key])
}
