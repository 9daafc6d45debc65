import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConvergeOptions, type ConvergeResult, converge } from '../../lib/converge/converge.ts'
import type { EventBody } from '../../lib/events.ts'
import { type Operation, operation, type Payload, Unknown } from '../../lib/operation.ts'
import { raw as rawSh } from '../../lib/sh.ts'
import { openShell, type SHELLS } from './shells.ts'

export type Engine = {
  /** An empty folder, removed afterwards. */
  readonly folder: string
  /** All events since the last converge. */
  readonly events: EventBody[]
  readonly converge: (
    ops: readonly Operation[],
    options?: Partial<ConvergeOptions>,
  ) => Promise<ConvergeResult>
  readonly child: ReturnType<typeof openShell>['child']
}

/** Runs `body` with a folder and a live shell of that name. */
export const withEngine = async (
  name: (typeof SHELLS)[number],
  body: (bench: Engine) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-engine-'))
  const { shell, child } = openShell(name)
  const events: EventBody[] = []
  const run: Engine['converge'] = (ops, options = {}) => {
    events.length = 0
    return converge(ops, {
      host: 'here',
      shell: async () => shell,
      emit: event => events.push(event),
      ...options,
    })
  }
  try {
    await body({ folder, events, converge: run, child })
  } finally {
    shell.drop()
    rmSync(folder, { recursive: true, force: true })
  }
}

type Raw = {
  name: string
  probe: string
  want: string
  apply: string
  stdin?: Payload
  seconds?: number
  disruptive?: string
}

/**
 * An operation from raw shell, for breaking things: it is as wanted when its probe prints `want`.
 */
export const rawOperation = operation('raw', {
  name: ({ name }: Raw) => name,
  probe: ({ probe }) => rawSh(probe),
  read: out =>
    out.exitCode === 0
      ? out.stdout.toString('latin1')
      : new Unknown(`exit ${out.exitCode}: ${out.stderr.slice(0, 80)}`),
  plan: (now, { want, apply, stdin, seconds, disruptive }) =>
    now === want
      ? null
      : {
          diff: [{ key: 'printed', before: now, after: want }],
          apply: rawSh(apply),
          ...(stdin === undefined ? {} : { stdin }),
          ...(seconds === undefined ? {} : { seconds }),
          ...(disruptive === undefined ? {} : { disruptive }),
        },
  probeSeconds: 2,
})

/** A file that must exist; `needs` must exist before it can be told. */
export const fileExists = (
  path: string,
  more: { needs?: string; log?: string; apply?: string; stdin?: Payload } = {},
): Operation =>
  rawOperation({
    name: path,
    probe: `${more.needs ? `[ -e ${more.needs} ] || exit 9; ` : ''}if [ -e ${path} ]; then echo there; else echo absent; fi`,
    want: 'there\n',
    apply: more.apply ?? `: >${path}${more.log ? `; echo ${path} >>${more.log}` : ''}`,
    ...(more.stdin === undefined ? {} : { stdin: more.stdin }),
  })

/** How each operation of a result ended, by word. */
export const listOutcomes = (result: ConvergeResult): string[] =>
  result.outcomes.map(outcome => outcome.is)
