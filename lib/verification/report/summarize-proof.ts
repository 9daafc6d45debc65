import type { EnvironmentNight } from '../night.ts'
import { formatMoment } from './format-moment.ts'
import { formatSpan } from './format-span.ts'
import { measureRestore } from './measure-restore.ts'

/**
 * Says in one line what was proven of an environment and what was not, as of `now` (ISO 8601, UTC):
 * `Restorable to 03:12:07, RPO 4 min, RTO 12 min. 6 % of files tonight, all stored data in 16
 * nights. Not covered: assets. Readable by anna, paper (used 2 Oct 2026).` Times are in UTC.
 */
export const summarizeProof = (one: EnvironmentNight, now: string): string =>
  [
    formatRestorable(one, now),
    formatFiles(one),
    one.notCovered.length > 0 ? `Not covered: ${one.notCovered.join(', ')}.` : '',
    one.readableBy ? `${one.readableBy}.` : '',
  ]
    .filter(text => text !== '')
    .join(' ')

const formatRestorable = (one: EnvironmentNight, now: string): string => {
  const { restorableTo, rpoSeconds } = one
  if (restorableTo === null) return 'No moment of the database was restored.'
  const seconds = new Date(restorableTo).toISOString().slice(11, 19)
  const isToday = now.slice(0, 10) === restorableTo.slice(0, 10)
  const at = isToday ? seconds : `${formatMoment(restorableTo, now).slice(0, -5)}${seconds}`
  const rto = measureRestore(one)
  return [
    `Restorable to ${at}`,
    ...(rpoSeconds === null ? [] : [`RPO ${formatSpan(rpoSeconds)}`]),
    ...(rto === null ? [] : [`RTO ${formatSpan(rto)}`]),
  ]
    .join(', ')
    .concat('.')
}

const formatFiles = ({ filesSampled, checks }: EnvironmentNight): string => {
  if (!filesSampled) return 'No file was compared.'
  const percent = filesSampled.share * 100
  const share = percent > 0 && percent < 1 ? '<1' : String(Math.floor(percent))
  const nights = checks.find(
    ({ name, is }) => name === 'repository of the files' && is === 'passed',
  )
  const total = /, group \d+ of (\d+)$/.exec(nights?.detail ?? '')?.[1]
  return `${share} % of files tonight${total ? `, all stored data in ${total} nights` : ''}.`
}
