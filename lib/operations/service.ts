import { OptionError } from '../errors/option-error.ts'
import {
  type Change,
  type Diff,
  differences,
  type OperationWithPaths,
  operation,
  Unknown,
  unreadable,
} from '../operation.ts'
import { join, type Sh, sh } from '../sh.ts'
import { digest, keepStamp, printStamp, takeStamp } from './service/stamp.ts'

export type Service = {
  /** The unit. `.service` may be omitted; timers and sockets need their suffix: `backup.timer`. */
  readonly name: string
  /** Default: left as it is. */
  readonly state?: 'running' | 'stopped'
  /** Whether it starts at boot. Default: left as it is. */
  readonly enabled?: boolean
  /**
   * Files that it reads at its start: the unit is restarted when they have changed since. Default:
   * none.
   */
  readonly restartOn?: readonly OperationWithPaths[]
  /**
   * Files that it reads at a reload: the unit is reloaded when they have changed since. A restart
   * covers both. Default: none.
   */
  readonly reloadOn?: readonly OperationWithPaths[]
  /** How long it may take to become active, in seconds. Default 60. */
  readonly timeoutSeconds?: number
  /**
   * What a stop or restart disturbs. Both are then refused without --allow-disruption. Default:
   * nothing.
   */
  readonly disruptive?: string
}

type Action = 'start' | 'stop' | 'restart' | 'reload'
type Now = Readonly<Record<string, string>>

/**
 * A systemd unit runs or is stopped, starts at boot or not, and runs with its current
 * configuration. A missing unit is an error, not a stopped one.
 */
export const service = operation('service', {
  check: (want: Service) => {
    if (!/^[\w@.:\\-]+$/.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} is not a unit's name`,
        next: 'use a name such as nginx or backup.timer',
      })
  },
  name: ({ name }: Service) => name.replace(/\.service$/, ''),
  probe: want => sh`systemctl show --property=LoadState,ActiveState,UnitFileState,NeedDaemonReload \
  -- ${nameUnit(want)} || exit 1
${digest}
${join(listInputs(want).map(([action, paths]) => printStamp(nameUnit(want), action, paths)))}`,
  read: (out, want): Now | Unknown => {
    const now = Object.fromEntries(
      out.stdout
        .toString()
        .split('\n')
        .filter(Boolean)
        .map(line => line.split(/=(.*)/s).slice(0, 2)),
    )
    if (out.exitCode !== 0 || !now['LoadState'] || !now['ActiveState']) return unreadable(out)
    return now['LoadState'] === 'loaded'
      ? now
      : new Unknown(explainMissing(nameUnit(want), now['LoadState']))
  },
  plan: (now, want, { pending }): Change | Unknown | null => {
    const enabled = diffEnabled(now, want)
    if (enabled instanceof Unknown) return enabled
    // Ask for each input: the runner must know on which changes this plan depends.
    const due = listInputs(want).filter(([action, , operations]) =>
      [operations.filter(pending).length > 0, now[action] === 'changed'].includes(true),
    )
    const action = chooseAction(
      isActive(now),
      want,
      due.map(([action]) => action),
    )
    const diff = [...enabled, ...(action ? [diffAction(action, now, due)] : [])]
    if (diff.length === 0) return null
    const disruptive =
      want.disruptive && (action === 'restart' || action === 'stop')
        ? { disruptive: want.disruptive }
        : {}
    return {
      diff,
      apply: applyService(want, enabled, action),
      seconds: (want.timeoutSeconds ?? 60) + 60,
      ...disruptive,
    }
  },
})

const nameUnit = ({ name }: Service): string =>
  /\.(service|socket|timer|target|path|mount|slice)$/.test(name) ? name : `${name}.service`
const isActive = (now: Now): boolean => ['active', 'reloading'].includes(now['ActiveState'] ?? '')
const explainMissing = (name: string, load: string): string =>
  load === 'not-found'
    ? `no such unit: ${name}`
    : `the unit ${name} is ${load}${load === 'masked' ? `: systemctl unmask ${name}` : ''}`

const listInputs = ({ restartOn = [], reloadOn = [] }: Service) =>
  (
    [
      ['restart', restartOn],
      ['reload', reloadOn],
    ] as const
  )
    .filter(([, operations]) => operations.length > 0)
    .map(
      ([action, operations]) =>
        [action, [...new Set(operations.flatMap(({ paths }) => paths))], operations] as const,
    )

const diffEnabled = (now: Now, want: Service): Diff | Unknown => {
  const found = now['UnitFileState'] ?? ''
  if (want.enabled === undefined) return []
  if (!/^(enabled|disabled)/.test(found))
    return want.enabled
      ? new Unknown(`${nameUnit(want)} cannot be enabled: it is ${found || 'without a file'}`)
      : []
  return differences({ enabled: found === 'enabled' }, { enabled: want.enabled })
}

const chooseAction = (
  active: boolean,
  { state }: Service,
  due: readonly Action[],
): Action | null => {
  if (state === 'stopped') return active ? 'stop' : null
  if (!active) return state === 'running' ? 'start' : null
  return due.includes('restart') ? 'restart' : (due[0] ?? null)
}

const diffAction = (action: Action, now: Now, due: ReturnType<typeof listInputs>): Diff[number] => {
  if (action === 'start' || action === 'stop')
    return {
      key: 'state',
      before: now['ActiveState'] ?? null,
      after: action === 'start' ? 'running' : 'stopped',
    }
  const paths = [...new Set(due.flatMap(([, paths]) => paths))]
  return {
    key: action,
    before: 'runs with its configuration as it was',
    after: `${action}ed with ${paths.join(', ')}`,
  }
}

const applyService = (want: Service, enabled: Diff, action: Action | null): Sh => {
  const name = nameUnit(want)
  const enable =
    enabled.length > 0
      ? sh`systemctl --quiet ${want.enabled ? 'enable' : 'disable'} -- ${name} || exit 1`
      : sh``
  if (action === null) return enable
  if (action === 'stop')
    return sh`${enable}
systemctl stop -- ${name}`
  const told = listInputs(want).filter(([on]) => action !== 'reload' || on === 'reload')
  return sh`${enable}
${digest}
${join(told.map(([on, paths]) => takeStamp(on, paths)))}
[ "$(systemctl show --property=NeedDaemonReload --value -- ${name})" = no ] ||
  systemctl daemon-reload || exit 1
${runAndProve(name, action, want.timeoutSeconds ?? 60)}
${join(told.map(([on]) => keepStamp(name, on)))}`
}

/**
 * Runs the action and proves that the unit becomes active and stays so for a second: systemd also
 * reports success for a service that crashes right after its start.
 */
const runAndProve = (name: string, action: Action, seconds: number): Sh => sh`tell() {
  echo "$1" >&2
  systemctl status --no-pager --full --lines=15 -- ${name} 2>&1 | tail -n 15 >&2
  exit 1
}
restarts() { systemctl show --property=NRestarts --value -- ${name}; }
active() { systemctl is-active --quiet -- ${name}; }
timeout ${seconds} systemctl ${action} -- ${name} || tell ${`systemctl ${action} ${name} failed`}
n=$(restarts); i=0
until active; do
  i=$((i + 1)); [ $i -lt ${seconds} ] || tell ${`${name} is not active after ${seconds} s`}
  sleep 1
done
sleep 1
active && [ "$(restarts)" = "$n" ] || tell ${`${name} does not stay up`}`
