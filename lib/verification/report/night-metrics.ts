import { makeSafe } from '../../report/sanitize.ts'
import type { EnvironmentNight, Night } from '../night.ts'
import type { LastProof } from './alarms.ts'
import { measureRestore } from './measure-restore.ts'

/** A metric, and its values: labels of each, and the number. */
type Metric = {
  readonly name: string
  readonly help: string
  readonly values: readonly (readonly [Readonly<Record<string, string>>, number | null])[]
}

/**
 * Renders a night, and when each environment last passed, for Prometheus: the text file that
 * node_exporter reads. Values that are not known are missing.
 */
export const renderNightMetrics = (night: Night, proofs: readonly LastProof[]): string =>
  listMetrics(night, proofs).map(renderMetric).join('')

const listMetrics = (night: Night, proofs: readonly LastProof[]): readonly Metric[] => {
  const each = (value: (one: EnvironmentNight) => number | null): Metric['values'] =>
    night.environments.map(one => [label(one), value(one)])
  return [
    {
      name: 'brd_verification_end_timestamp_seconds',
      help: 'When the last verification of backups ended.',
      values: [[{}, toSeconds(night.ended)]],
    },
    {
      name: 'brd_verification_duration_seconds',
      help: 'How long the last verification of backups took.',
      values: [[{}, (Date.parse(night.ended) - Date.parse(night.began)) / 1000]],
    },
    {
      name: 'brd_backup_verdict',
      help: '1 for the verdict of the last verification, 0 for the two others.',
      values: night.environments.flatMap(one =>
        (['PASS', 'FAIL', 'COULD NOT VERIFY'] as const).map(
          verdict => [{ ...label(one), verdict }, one.verdict === verdict ? 1 : 0] as const,
        ),
      ),
    },
    {
      name: 'brd_backup_last_pass_timestamp_seconds',
      help: 'When the backups last passed; 0 if they never did.',
      values: proofs.map(({ environment, provenAt }) => [
        { environment },
        provenAt === null ? 0 : toSeconds(provenAt),
      ]),
    },
    {
      name: 'brd_backup_restorable_to_timestamp_seconds',
      help: 'The last moment of the database that was restored.',
      values: each(({ restorableTo }) => (restorableTo === null ? null : toSeconds(restorableTo))),
    },
    {
      name: 'brd_backup_rpo_seconds',
      help: 'What would have been lost at the time of the verification.',
      values: each(({ rpoSeconds }) => rpoSeconds),
    },
    {
      name: 'brd_backup_rto_seconds',
      help: 'How long the restore of the database took.',
      values: each(measureRestore),
    },
    {
      name: 'brd_backup_stage_seconds',
      help: 'How long each stage of the verification took.',
      values: night.environments.flatMap(one =>
        one.stages.map(({ name, seconds }) => [{ ...label(one), stage: name }, seconds] as const),
      ),
    },
    {
      name: 'brd_backup_size_bytes',
      help: 'How large each backup is.',
      values: night.environments.flatMap(one =>
        one.sizes.map(({ name, bytes }) => [{ ...label(one), backup: name }, bytes] as const),
      ),
    },
    {
      name: 'brd_backup_files_compared_ratio',
      help: 'Share of the bytes of the files whose contents were compared, from 0 to 1.',
      values: each(({ filesSampled }) => filesSampled?.share ?? null),
    },
    {
      name: 'brd_backup_not_covered',
      help: '1 for each part that is not backed up, or not verified.',
      values: night.environments.flatMap(one =>
        [...new Set(one.notCovered)].map(part => [{ ...label(one), part }, 1] as const),
      ),
    },
  ]
}

const label = ({ environment, cluster }: EnvironmentNight): Readonly<Record<string, string>> => ({
  environment,
  cluster,
})

const toSeconds = (iso: string): number => Date.parse(iso) / 1000

/** Two values of one series are added: Prometheus refuses the whole file over a second one. */
const renderMetric = ({ name, help, values }: Metric): string => {
  const sums = new Map<string, number>()
  for (const [labels, value] of values) {
    const series = `${name}${renderLabels(labels)}`
    if (value !== null && Number.isFinite(value)) sums.set(series, (sums.get(series) ?? 0) + value)
  }
  if (sums.size === 0) return ''
  const lines = [...sums].map(([series, value]) => `${series} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' }

const renderLabels = (labels: Readonly<Record<string, string>>): string => {
  const all = Object.entries(labels).map(
    ([key, value]) =>
      `${key}="${makeSafe(value).replace(/[\\"\n]/g, sign => escapes[sign] ?? '')}"`,
  )
  return all.length === 0 ? '' : `{${all.join(',')}}`
}
