import type { Failure } from '../events.ts'
import { escapeXml } from './escape-xml.ts'
import { formatFailure } from './outcome-labels.ts'
import { endedRun } from './recap.ts'
import type { CommandState, HostState, OpState, RunState } from './run-state.ts'

/** Renders the run as JUnit XML for CI servers: a suite per host, a case per operation. */
export const renderJunit = (state: RunState): string => {
  const hosts = [...state.hosts.values()]
  const time = formatSeconds(state.ms ?? state.at)
  const attributes = `name="${escapeXml(state.playbook)}" time="${time}"`
  const script = state.error ? renderScriptSuite(state.error) : ''
  const suites = hosts.map(renderSuite).join('') + script
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes}>`,
    `${suites}</testsuites>`,
    '',
  ].join('\n')
}

/** The script itself, if it ended early and no host is the reason. */
const renderScriptSuite = (error: Failure): string => {
  const text = escapeXml(formatFailure(error).join('\n'))
  const message = escapeXml(takeFirstLine(error.message))
  const inner = `<error message="${message}">${text}</error>`
  return (
    '  <testsuite name="the script" tests="1" failures="0" errors="1" skipped="0" time="0.000">\n' +
    `${renderTestCase('script', 'ends well', 0, inner)}  </testsuite>\n`
  )
}

const renderSuite = (host: HostState): string => {
  const cases = [
    ...(hasOwnError(host) ? [renderHostCase(host)] : []),
    ...host.ops.map(renderOperationCase),
    ...host.commands.filter(isTold).map(command => renderCommandCase(host, command)),
  ]
  const of = (tag: string): number => cases.filter(one => one.includes(`<${tag} `)).length
  const attributes = [
    `name="${escapeXml(host.name)}"`,
    `tests="${cases.length}"`,
    `failures="${of('failure')}"`,
    `errors="${of('error')}"`,
    `skipped="${of('skipped')}"`,
    `time="${formatSeconds(host.ms ?? 0)}"`,
  ]
  return `  <testsuite ${attributes.join(' ')}>\n${cases.join('')}  </testsuite>\n`
}

/** True if the host itself failed, and not one of its operations. */
const hasOwnError = (host: HostState): boolean =>
  host.error !== undefined &&
  !host.commands.some(command => endedRun(host, command)) &&
  !host.ops.some(
    ({ outcome }) => outcome?.is === 'failed' && outcome.error.message === host.error?.message,
  )

const isTold = ({ quiet, outcome }: CommandState): boolean => !quiet || outcome !== 'ran'

/** A command that the script went on after has not failed, whatever its exit code. */
const renderCommandCase = (host: HostState, command: CommandState): string => {
  const how = `${command.outcome}, exit ${command.exitCode ?? 'unknown'}`
  const text = escapeXml(`${how}\n${command.output}`)
  const inner = endedRun(host, command)
    ? `<failure message="${escapeXml(takeFirstLine(host.error?.message))}">${text}</failure>`
    : command.outcome === 'ran'
      ? ''
      : `<system-out>${text}</system-out>`
  return renderTestCase('command', command.command, command.ms, inner)
}

const takeFirstLine = (text = ''): string => text.split('\n')[0] ?? ''

const renderHostCase = ({ result, error }: HostState): string => {
  const lines = error ? formatFailure(error) : []
  const message = escapeXml(`${result}: ${lines[0] ?? ''}`)
  const text = escapeXml(lines.join('\n'))
  return renderTestCase('host', 'connection', 0, `<error message="${message}">${text}</error>`)
}

const renderOperationCase = ({ role, kind, name, ms = 0, outcome }: OpState): string =>
  renderTestCase(role, `${kind} ${name}`, ms, renderVerdict(outcome))

const IN_FLIGHT = 'in flight: the host was lost or the run stopped while it ran, or may have run'

const renderVerdict = (outcome: OpState['outcome']): string => {
  switch (outcome?.is) {
    case 'failed': {
      const text = escapeXml(formatFailure(outcome.error).join('\n'))
      return `<failure message="${escapeXml(outcome.error.message)}">${text}</failure>`
    }
    case 'in-flight':
      return `<error message="${IN_FLIGHT}"/>`
    case 'ok':
      return ''
    case 'changed':
    case 'would-change':
      return `<system-out>${outcome.is === 'changed' ? 'changed' : 'would change'}</system-out>`
    default: {
      const why = outcome && 'why' in outcome ? `: ${outcome.why}` : ''
      return `<skipped message="${escapeXml(`${outcome?.is ?? 'not settled'}${why}`)}"/>`
    }
  }
}

const renderTestCase = (role: string, name: string, ms: number, inner: string): string => {
  const time = formatSeconds(ms)
  const start = `<testcase classname="${escapeXml(role)}" name="${escapeXml(name)}" time="${time}"`
  return `    ${start}${inner === '' ? '/>' : `>${inner}</testcase>`}\n`
}

const formatSeconds = (ms: number): string => (ms / 1000).toFixed(3)
