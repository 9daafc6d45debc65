import type { BackupCheck } from '../../backups/verdict.ts'
import { escapeXml } from '../../report/escape-xml.ts'
import { makeSafe, sanitize } from '../../report/sanitize.ts'
import type { EnvironmentNight, Night } from '../night.ts'

/**
 * Renders a night as JUnit XML: a suite per environment, a case per check. A fault of the backup is
 * a failure, a check that could not be made is an error, and so is what a verdict is for besides.
 */
export const renderNightJunit = (night: Night): string => {
  const { began, ended, host, environments } = sanitize(night, makeSafe)
  const seconds = (Date.parse(ended) - Date.parse(began)) / 1000
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="verification of backups" time="${seconds.toFixed(3)}">`,
    ...environments.map(one => renderSuite(one, began, host)),
    '</testsuites>',
    '',
  ].join('\n')
}

const renderSuite = (one: EnvironmentNight, began: string, host: string): string => {
  const cases = [...one.checks, ...findVerdictCases(one)]
  const count = (is: BackupCheck['is']): number => cases.filter(check => check.is === is).length
  const time = cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3)
  const attributes =
    `name="${escapeXml(one.environment)}" tests="${cases.length}" failures="${count('failed')}" ` +
    `errors="${count('unverified')}" skipped="0" time="${time}" ` +
    `timestamp="${escapeXml(began.slice(0, 19))}" hostname="${escapeXml(host)}"`
  return [
    `  <testsuite ${attributes}>`,
    ...cases.map(check => renderCase(one.environment, check)),
    '  </testsuite>',
  ].join('\n')
}

/** The verdict as a case, unless it is one that the checks show by themselves. */
const findVerdictCases = ({ verdict, reasons, checks }: EnvironmentNight): BackupCheck[] => {
  const is = verdict === 'FAIL' ? 'failed' : 'unverified'
  if (verdict === 'PASS' || checks.some(check => check.is === is)) return []
  return [{ name: 'verdict', is, detail: reasons.join('; '), seconds: 0 }]
}

const renderCase = (environment: string, { name, is, detail, seconds }: BackupCheck): string => {
  const begin =
    `    <testcase classname="${escapeXml(environment)}" name="${escapeXml(name)}" ` +
    `time="${seconds.toFixed(3)}"`
  if (is === 'passed') return `${begin}><system-out>${escapeXml(detail)}</system-out></testcase>`
  const tag = is === 'failed' ? 'failure' : 'error'
  return `${begin}><${tag} message="${escapeXml(detail)}"/></testcase>`
}
