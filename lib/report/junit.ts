import { formatFailure } from './labels.ts'
import type { HostState, OpState, RunState } from './state.ts'

/** The run as JUnit XML, which CI servers show: a suite a host, a case an operation. */
export const renderJunit = (state: RunState): string => {
  const hosts = [...state.hosts.values()]
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escapeXml(state.playbook)}" time="${formatSeconds(state.ms ?? state.at)}">\n${hosts.map(renderSuite).join('')}</testsuites>\n`
}

const renderSuite = (host: HostState): string => {
  const cases = [
    ...(hasOwnError(host) ? [renderHostCase(host)] : []),
    ...host.ops.map(renderOperationCase),
  ]
  const of = (tag: string): number => cases.filter(one => one.includes(`<${tag} `)).length
  const numbers = `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`
  return `  <testsuite name="${escapeXml(host.name)}" ${numbers} time="${formatSeconds(host.ms ?? 0)}">\n${cases.join('')}  </testsuite>\n`
}

/** What went wrong with the host itself and not with one of its operations. */
const hasOwnError = ({ error, ops }: HostState): boolean =>
  error !== undefined &&
  !ops.some(({ outcome }) => outcome?.is === 'failed' && outcome.error.message === error.message)

const renderHostCase = ({ result, error }: HostState): string => {
  const lines = error ? formatFailure(error) : []
  return renderTestCase(
    'host',
    'connection',
    0,
    `<error message="${escapeXml(`${result}: ${lines[0] ?? ''}`)}">${escapeXml(lines.join('\n'))}</error>`,
  )
}

const renderOperationCase = ({ role, kind, name, ms = 0, outcome }: OpState): string =>
  renderTestCase(role, `${kind} ${name}`, ms, renderVerdict(outcome))

const renderVerdict = (outcome: OpState['outcome']): string => {
  switch (outcome?.is) {
    case 'failed':
      return `<failure message="${escapeXml(outcome.error.message)}">${escapeXml(formatFailure(outcome.error).join('\n'))}</failure>`
    case 'in-flight':
      return '<error message="in flight: it was running, or may have been, when the host was lost or the run was stopped"/>'
    case 'ok':
      return ''
    case 'changed':
    case 'would-change':
      return `<system-out>${outcome.is === 'changed' ? 'changed' : 'would change'}</system-out>`
    default:
      return `<skipped message="${escapeXml(outcome && 'why' in outcome ? `${outcome.is}: ${outcome.why}` : (outcome?.is ?? 'not settled'))}"/>`
  }
}

const renderTestCase = (role: string, name: string, ms: number, inner: string): string =>
  `    <testcase classname="${escapeXml(role)}" name="${escapeXml(name)}" time="${formatSeconds(ms)}"${inner === '' ? '/>' : `>${inner}</testcase>`}\n`

const formatSeconds = (ms: number): string => (ms / 1000).toFixed(3)

/**
 * Text for XML 1.0, which has no way to write control characters and half surrogates: they become
 * U+FFFD.
 */
const escapeXml = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g, '\ufffd')
    .replace(/[<>&"\n\t\r]/g, c => `&#${c.charCodeAt(0)};`)
