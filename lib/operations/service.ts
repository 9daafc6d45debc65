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
import { printUnread } from './service/drop-ins.ts'
import { findCarrierRefusal, isLink, printCarrier, stopUnit, tryRestart } from './service/login.ts'
import { digest, keepStamp, printStamp, takeStamp } from './service/stamp.ts'
import { isTemplate, UNIT_TYPE } from './systemd/name.ts'

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
 * configuration; systemd has read its files. A missing unit is an error, not a stopped one. A
 * masked unit is stopped and does not start at boot. That by which this run logs in is not stopped.
 */
export const service = operation('service', {
  check: (want: Service) => {
    if (!/^[\w@.:\\-]+$/.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} is not a unit's name`,
        next: 'use a name such as nginx or backup.timer',
      })
    if (isTemplate(nameUnit(want)))
      throw new OptionError({
        message: `${nameUnit(want)} is a template, of which only instances run`,
        next: `use a name such as ${nameUnit(want).replace('@.', '@one.')}`,
      })
  },
  name: ({ name }: Service) => name.replace(/\.service$/, ''),
  probe: want => sh`systemctl show \
  --property=Id,LoadState,ActiveState,UnitFileState,NeedDaemonReload,Type,RemainAfterExit \
  -- ${nameUnit(want)} || exit 1
${printUnread(nameUnit(want))}
${want.enabled === false ? printParents(nameUnit(want)) : sh``}
${want.enabled === false || want.state === 'stopped' ? printCarrier(nameUnit(want)) : sh``}
${digest}
${join(listInputs(want).map(([action, paths]) => printStamp(nameUnit(want), action, paths)))}`,
  read: (out, want): Now | Unknown => {
    const lines = out.stdout.toString().split('\n').filter(Boolean)
    const now = Object.fromEntries(lines.map(line => line.split(/=(.*)/s).slice(0, 2)))
    if (out.exitCode !== 0 || !now['LoadState'] || !now['ActiveState']) return unreadable(out)
    return isReadable(now, want)
      ? now
      : new Unknown(explainMissing(nameUnit(want), now['LoadState']))
  },
  plan: (now, want, { pending }): Change | Unknown | null => {
    const enabled = diffEnabled(now, want)
    if (enabled instanceof Unknown) return enabled
    if (want.state === 'running' && runsOnce(now))
      return new Unknown(
        `${nameUnit(want)} runs once and ends, so it is never running: start it with a timer, ` +
          'enable it, or set RemainAfterExit=yes in it',
      )
    // Ask for each input: the runner must know on which changes this plan depends.
    const due = listInputs(want).filter(([action, , operations]) =>
      [operations.filter(pending).length > 0, now[action] === 'changed'].includes(true),
    )
    const actions = due.map(([action]) => action)
    const action = chooseAction(now, want, actions)
    const stale: Diff =
      now['NeedDaemonReload'] === 'yes' && action === null
        ? [{ key: 'loaded', before: 'an older version of its files', after: 'these' }]
        : []
    const diff = [...enabled, ...stale, ...(action ? [diffAction(action, now, due)] : [])]
    if (diff.length === 0) return null
    const refused = findCarrierRefusal(nameUnit(want), now, {
      stopped: action === 'stop',
      disabled: enabled.some(({ after }) => after === 'false'),
    })
    if (refused !== null) return new Unknown(refused)
    const disruptive =
      want.disruptive && (action === 'restart' || action === 'stop')
        ? { disruptive: want.disruptive }
        : {}
    return {
      diff,
      apply: applyService(want, now, enabled, action),
      seconds: (want.timeoutSeconds ?? 60) + (isLink(nameUnit(want)) ? 150 : 60),
      ...(action === 'stop' && isLink(nameUnit(want)) ? { provenByLogin: true } : {}),
      ...disruptive,
    }
  },
})

const nameUnit = ({ name }: Service): string => (UNIT_TYPE.test(name) ? name : `${name}.service`)
const isActive = (now: Now): boolean =>
  ['active', 'reloading', 'refreshing'].includes(now['ActiveState'] ?? '')
/** A unit that is about to start again after a crash is not stopped. */
const isStopped = (now: Now): boolean => ['inactive', 'failed'].includes(now['ActiveState'] ?? '')
const runsOnce = (now: Now): boolean =>
  now['Type'] === 'oneshot' && now['RemainAfterExit'] === 'no' && !isActive(now)

/** Whether its state says what is wanted to be known: a masked unit cannot be started. */
const isReadable = (now: Now, { state, enabled }: Service): boolean => {
  if (now['LoadState'] === 'loaded') return true
  if (now['LoadState'] === 'masked') return state !== 'running' && enabled !== true
  return now['LoadState'] === 'not-found' && state === 'stopped' && !isStopped(now)
}

/** Prints what starts it, apart from what `systemctl disable` removes. */
const printParents = (name: string): Sh =>
  sh`systemctl show --property=WantedBy,RequiredBy -- ${name} || exit 1`
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
  const { enabled } = want
  // An instance of a template that has a default instance.
  const isOff = /^(disabled|linked)/.test(found) || (found === 'indirect' && /@/.test(want.name))
  if (isOff || /^enabled/.test(found))
    return differences({ enabled: found === 'enabled' }, { enabled })
  if (enabled)
    return new Unknown(`${nameUnit(want)} cannot be enabled: it is ${found || 'without a file'}`)
  const parents = [now['WantedBy'], now['RequiredBy']].filter(Boolean).join(' ')
  return parents === '' || found.startsWith('masked')
    ? []
    : new Unknown(
        `${nameUnit(want)} starts with ${parents} and cannot be disabled: it is ` +
          `${found || 'without a file'}. Mask it: ` +
          `link /etc/systemd/system/${nameUnit(want)} to /dev/null`,
      )
}

const chooseAction = (now: Now, { state }: Service, due: readonly Action[]): Action | null => {
  if (state === 'stopped') return isStopped(now) ? null : 'stop'
  if (!isActive(now)) return state === 'running' ? 'start' : null
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

const applyService = (want: Service, now: Now, enabled: Diff, action: Action | null): Sh => {
  const name = nameUnit(want)
  // By its own name: systemd refuses an alias here.
  const verb = want.enabled ? 'enable' : 'disable'
  const enable =
    enabled.length > 0 ? sh`systemctl --quiet ${verb} -- ${now['Id'] || name} || exit 1` : sh``
  if (action === null)
    return sh`${enable}
${reload(name, now)}`
  if (action === 'stop')
    return sh`${enable}
${stopUnit(name)}`
  const told = listInputs(want).filter(([on]) => action !== 'reload' || on === 'reload')
  return sh`${action === 'start' ? sh`` : tryRestart(name)}
${enable}
${digest}
${join(told.map(([on, paths]) => takeStamp(on, paths)))}
${reload(name, now)}
${runAndProve(name, action, want.timeoutSeconds ?? 60)}
${join(told.map(([on]) => keepStamp(name, on)))}`
}

const reload = (name: string, now: Now): Sh =>
  now['NeedDaemonReload'] === 'yes'
    ? sh`systemctl daemon-reload || exit 1`
    : sh`[ "$(systemctl show --property=NeedDaemonReload --value -- ${name})" = no ] ||
  systemctl daemon-reload || exit 1`

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
end=$(($(date +%s) + ${seconds}))
# After too many failures it may not be started until they are forgotten.
${action === 'reload' ? sh`` : sh`systemctl reset-failed -- ${name} 2>/dev/null`}
timeout ${seconds} systemctl ${action} -- ${name} || tell ${`systemctl ${action} ${name} failed`}
n=$(restarts)
until active; do
  [ "$(date +%s)" -lt $end ] || tell ${`${name} is not active after ${seconds} s`}
  sleep 1
done
sleep 1
active && [ "$(restarts)" = "$n" ] || tell ${`${name} does not stay up`}`
