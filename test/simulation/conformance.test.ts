import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SHELLS } from '../support/shells.ts'
import { playReal, playSimulated, type Row } from './conformance.ts'
import type { Spec } from './operations.ts'

const make = (key: string, rest: Partial<Spec> = {}): Spec => ({
  key,
  kind: 'plain',
  version: 1,
  takes: 0,
  bulk: 0,
  ...rest,
})

const three = [make('p0a'), make('p0b', { takes: 2 }), make('p0c')]
const long = [make('p0a'), make('p0b', { takes: 5 }), make('p0c')]

/** What happens on a host -> must be the same in the model and in every shell. */
const ROWS: Readonly<Record<string, Row>> = {
  'a fresh host, of every kind of operation': {
    specs: [
      make('p0a', { secret: true }),
      make('p0b', { kind: 'needing', on: 'p0a' }),
      make('p0c', { kind: 'line', on: 'p0' }),
      make('p0d', { kind: 'line', on: 'p0', bulk: 70_000 }),
      make('p0e', { kind: 'restart', on: 'p0b' }),
      make('p0f', { kind: 'flag', on: 'p0' }),
      make('p0g', { kind: 'flag', on: 'p0' }),
      make('p0t', { kind: 'provider' }),
      make('p0u', { kind: 'consumer' }),
    ],
  },
  'check mode': { specs: [...three, make('p0d', { kind: 'needing', on: 'p0a' })], check: true },
  'a host that is partly as wanted': {
    specs: [...three, make('p0d', { kind: 'line', on: 'p0' })],
    files: { p0a: 'v1 p0a  end\n', 'line-p0': 'v0 other end\n' },
  },
  'a change that fails': { specs: three, files: { 'p0b.broken': '' } },
  'a change that is late': { specs: [make('p0a', { takes: 6, seconds: 1 }), make('p0b')] },
  'a probe that hangs': {
    specs: three.map(spec => ({ ...spec, probeSeconds: 1 })),
    files: { 'p0b.hang': '' },
  },
  'a file that is edited before its turn': {
    specs: [make('p0a', { takes: 2 }), make('edited'), make('p0c')],
    at: 0,
    deed: 'edit',
  },
  'a link that is cut': { specs: long, at: 1, deed: 'cut' },
  'a shell that is killed': { specs: long, at: 1, deed: 'kill-shell' },
  'a Ctrl-C': { specs: three, at: 1, deed: 'stop' },
  'two of them': {
    specs: [make('p0a'), make('p0b', { takes: 20 }), make('p0c')],
    at: 1,
    deed: 'stop twice',
  },
  'a lease of a dead run': { specs: three, deadLease: true },
  'a child that still prints': { specs: [make('p0a', { noisy: true, takes: 1 }), make('p0b')] },
}

const names = Object.keys(ROWS)
/** One after another, for they share the clock of this process. */
const simulated = new Map<string, Awaited<ReturnType<typeof playSimulated>>>()
for (const name of names) simulated.set(name, await playSimulated(ROWS[name] as Row))

for (const shell of SHELLS) {
  const test = suite(`the simulated host is as ${shell}`)
  const played = new Map(names.map(name => [name, playReal(shell, ROWS[name] as Row)]))
  for (const told of played.values()) told.catch(() => {}) // awaited in its test
  for (const name of names)
    test(name, async () => assert.equal(await played.get(name), simulated.get(name)))
  test.run()
}
