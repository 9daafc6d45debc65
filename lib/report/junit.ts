import { failureLines } from './labels.ts'
import type { HostState, OpState, RunState } from './state.ts'

/** The run as JUnit XML, which CI servers show: a suite a host, a case an operation. */
export const junit = (state: RunState): string => {
  const hosts = [...state.hosts.values()]
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(state.playbook)}" time="${seconds(state.ms ?? state.at)}">\n${hosts.map(suite).join('')}</testsuites>\n`
}

const suite = (host: HostState): string => {
  const cases = [...(hasOwnError(host) ? [hostCase(host)] : []), ...host.ops.map(opCase)]
  const of = (tag: string): number => cases.filter(one => one.includes(`<${tag} `)).length
  const numbers = `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}"`
  return `  <testsuite name="${escaped(host.name)}" ${numbers} time="${seconds(host.ms ?? 0)}">\n${cases.join('')}  </testsuite>\n`
}

/** What went wrong with the host itself and not with one of its operations. */
const hasOwnError = ({ error, ops }: HostState): boolean =>
  error !== undefined &&
  !ops.some(({ outcome }) => outcome?.is === 'failed' && outcome.error.message === error.message)

const hostCase = ({ result, error }: HostState): string => {
  const lines = error ? failureLines(error) : []
  return element(
    'host',
    'connection',
    0,
    `<error message="${escaped(`${result}: ${lines[0] ?? ''}`)}">${escaped(lines.join('\n'))}</error>`,
  )
}

const opCase = ({ role, kind, name, ms = 0, outcome }: OpState): string =>
  element(role, `${kind} ${name}`, ms, verdict(outcome))

const verdict = (outcome: OpState['outcome']): string => {
  switch (outcome?.is) {
    case 'failed':
      return `<failure message="${escaped(outcome.error.message)}">${escaped(failureLines(outcome.error).join('\n'))}</failure>`
    case 'in-flight':
      return '<error message="in flight: it was running, or may have been, when the host was lost or the run was stopped"/>'
    case 'ok':
      return ''
    case 'changed':
    case 'would-change':
      return `<system-out>${outcome.is === 'changed' ? 'changed' : 'would change'}</system-out>`
    default:
      return `<skipped message="${escaped(outcome && 'why' in outcome ? `${outcome.is}: ${outcome.why}` : (outcome?.is ?? 'not settled'))}"/>`
  }
}

const element = (role: string, name: string, ms: number, inner: string): string =>
  `    <testcase classname="${escaped(role)}" name="${escaped(name)}" time="${seconds(ms)}"${inner === '' ? '/>' : `>${inner}</testcase>`}\n`

const seconds = (ms: number): string => (ms / 1000).toFixed(3)

/**
 * Text for XML 1.0, which has no way to write control characters and half surrogates: they become
 * U+FFFD.
 */
const escaped = (text: string): string =>
  text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g, '\ufffd')
    .replace(/[<>&"\n\t\r]/g, c => `&#${c.charCodeAt(0)};`)
