import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import type { ConvergeResult } from '../../lib/converge/converge.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import type { Operation } from '../../lib/operation.ts'
import { docker } from '../../lib/operations/docker.ts'
import type { LabHost } from './lab-host.ts'

const readMirror = (): string =>
  (JSON.parse(readFileSync(labPath('lab.json'), 'utf8')) as { mirror: string }).mirror

/** The lab's registry, as `host:port`. */
export const readRegistry = (): string => new URL(readMirror()).host

/** Docker runs on a host of the lab: installed where it is not there, and left there. */
export const ensureDocker = async (host: LabHost): Promise<void> => {
  if (host.root('command -v docker || echo none').trim() !== 'none') return
  const { result, error } = await host.converge(
    docker.engine({
      package: 'docker.io',
      settings: { 'registry-mirrors': [readMirror()], 'log-driver': 'json-file' },
    }),
  )
  assert.is(result, 'ok', JSON.stringify(error))
}

/** An operation that is refused, with a message or an error like this. */
export const assertRefused = async (
  host: LabHost,
  operation: Operation,
  why: RegExp,
): Promise<void> => {
  const { result, error } = await host.converge([operation])
  assert.is(result, 'failed')
  assert.match(`${error?.message} ${error?.stderr ?? ''}`, why)
}

/** The lines of all diffs of a run. */
export const formatDiff = ({ outcomes }: ConvergeResult): string[] =>
  outcomes.flatMap(outcome =>
    'diff' in outcome
      ? outcome.diff.map(
          ({ key, before, after }) => `${key}: ${before ?? 'absent'} -> ${after ?? 'absent'}`,
        )
      : [JSON.stringify(outcome)],
  )
