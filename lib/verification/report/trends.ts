import type { EnvironmentNight, Night } from '../night.ts'
import { formatBytes } from './format-bytes.ts'
import { formatSpan } from './format-span.ts'
import { measureRestore } from './measure-restore.ts'

/** A number of each night: null if it is not known of that night. */
export type Trend = {
  readonly name: string
  readonly values: readonly (number | null)[]
  readonly format: (value: number) => string
}

/**
 * Lists what is drawn over the nights of an environment, the oldest first: its RPO and RTO, how
 * long the restore and its checks took, and the size of each backup. What was never known is left
 * out.
 */
export const listTrends = (nights: readonly Night[], environment: string): readonly Trend[] => {
  const own = nights.map(night => night.environments.find(one => one.environment === environment))
  const draw = (
    name: string,
    format: Trend['format'],
    value: (one: EnvironmentNight) => number | null | undefined,
  ): Trend => ({ name, format, values: own.map(one => (one && value(one)) ?? null) })
  const sizes = new Set(own.flatMap(one => one?.sizes.map(({ name }) => name) ?? []))
  const trends = [
    draw('RPO', formatSpan, ({ rpoSeconds }) => rpoSeconds),
    draw('RTO', formatSpan, measureRestore),
    draw('Restore and checks', formatSpan, ({ stages }) =>
      stages.length === 0 ? null : stages.reduce((sum, { seconds }) => sum + seconds, 0),
    ),
    ...[...sizes].map(name =>
      draw(`Size: ${name}`, formatBytes, one => one.sizes.find(size => size.name === name)?.bytes),
    ),
  ]
  return trends.filter(({ values }) => values.some(value => value !== null))
}
