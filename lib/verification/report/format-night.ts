import type { BackupVerdict } from '../../backups/verdict.ts'
import { formatCount, type Mark, type Paint, wrapText } from '../../report/style.ts'
import type { EnvironmentNight, Night } from '../night.ts'
import { formatSpan } from './format-span.ts'
import { summarizeProof } from './summarize-proof.ts'

/** The mark of each verdict. */
const marks: Readonly<Record<BackupVerdict, Mark>> = {
  PASS: 'good',
  FAIL: 'bad',
  'COULD NOT VERIFY': 'unsure',
}

/**
 * Formats a night for the terminal: each environment with its verdict, every reason, what was
 * proven, and the time of its stages. No line is longer than `width`, unless a word is. The texts
 * are as they were found: what prints them makes them safe.
 */
export const formatNight = (night: Night, width: number, paint: Paint): readonly string[] => {
  const longest = Math.max(0, ...night.environments.map(one => one.environment.length))
  return [
    ...night.environments.flatMap(one => formatEnvironment(one, night, longest, width, paint)),
    ...wrapText(formatTotal(night), width).map(line => paint('quiet', line)),
  ]
}

const formatEnvironment = (
  one: EnvironmentNight,
  { ended }: Night,
  longest: number,
  width: number,
  paint: Paint,
): string[] => {
  const { environment, cluster, verdict, reasons } = one
  const indent = (text: string): string[] =>
    wrapText(text.replace(/\s*\n\s*/g, ' '), width - 4).map(line => `    ${line}`)
  const head = `${paint('strong', environment.padEnd(longest))}  ${paint(marks[verdict], verdict)}`
  return [
    `${head}  ${paint('quiet', cluster)}`,
    ...reasons.flatMap(reason => indent(reason).map(line => paint(marks[verdict], line))),
    ...indent(summarizeProof(one, ended)),
    ...(one.stages.length === 0 ? [] : indent(formatStages(one)).map(line => paint('quiet', line))),
  ]
}

/** How long all took, and the three stages that took longest. */
const formatStages = ({ stages }: EnvironmentNight): string => {
  const seconds = stages.reduce((sum, stage) => sum + stage.seconds, 0)
  const longest = stages
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, 3)
    .map(stage => `${stage.name} ${formatSpan(stage.seconds)}`)
  return `Took ${formatSpan(seconds)}; longest: ${longest.join(', ')}.`
}

const formatTotal = ({ began, ended, host, environments }: Night): string => {
  const counts = (['PASS', 'FAIL', 'COULD NOT VERIFY'] as const).flatMap(verdict => {
    const count = environments.filter(one => one.verdict === verdict).length
    return count > 0 ? [`${count} ${verdict}`] : []
  })
  const day = (iso: string): string => iso.slice(0, 16).replace('T', ' ')
  const until =
    day(began).slice(0, 10) === day(ended).slice(0, 10) ? day(ended).slice(11) : day(ended)
  return (
    `${formatCount(environments.length, 'environment')}: ${counts.join(', ') || 'nothing'}. ` +
    `${day(began)} to ${until} UTC on ${host}.`
  )
}
