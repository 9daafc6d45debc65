import type { Lists, RunSpec } from './controller.ts'
import { drill } from './drills.ts'
import type { Spec } from './operations.ts'
import type { Random } from './random.ts'
import { FAULTS, type HostSpec, type Mode, type Scenario } from './scenario.ts'

/**
 * A scenario of a seed: every third one is mixed at random, the others are the drills, each of
 * which looks for one kind of fault, one after another. All of them come soon, in both modes.
 */
export const makeScenario = (seed: number, mode: Mode, random: Random): Scenario =>
  seed % 3 === 0 ? makeMixed(seed, mode, random) : drill(seed, mode, random)

const makeHost = (name: string, random: Random, markers: readonly string[]): HostSpec => ({
  name,
  delay: random.pick([
    [1, 3],
    [5, 40],
    [80, 200],
  ] as const),
  pace: random.pick([0.2, 0.2, 1, 8]),
  becomes: random.pick(['no', 'no', 'sudo'] as const),
  bandwidth: random.pick([130_000, 10_000_000]),
  deadLease: random.chance(0.1),
  markers,
})

/** What a scenario may hold, made from a stream of random numbers. */
const makeMixed = (seed: number, mode: Mode, random: Random): Scenario => {
  const names = ['web1', 'web2', 'web3'].slice(0, random.pick([1, 1, 1, 2, 2, 3]))
  const plays = Array.from({ length: random.pick([1, 1, 1, 2]) }, (_, play) =>
    makeLists(names, play, random),
  )
  const hosts = names.map(name =>
    makeHost(
      name,
      random,
      plays.flatMap(lists =>
        (lists.get(name) ?? []).flatMap(({ key }) =>
          random.chance(0.03) ? [`${key}.hang`] : random.chance(0.02) ? [`${key}.broken`] : [],
        ),
      ),
    ),
  )
  const first: RunSpec = {
    who: 'ann@desk 2026-11-27 12:00',
    begins: 0,
    check: random.chance(0.08),
    forks: random.pick([1, 10, 10]),
    serial: random.chance(0.2) ? 1 : null,
    maxFail: random.chance(0.2) ? 0 : null,
    plays,
    ...(plays.length > 1 && random.chance(0.3) ? { together: true } : {}),
    ...(random.chance(0.3) ? { undo: makeUndo(names, plays.length) } : {}),
  }
  const second: RunSpec[] = random.chance(0.3)
    ? [
        {
          ...first,
          who: random.pick(['bob@desk 2026-11-27 12:01', "o'neil@far 2026-11-27 11:59"]),
          begins: random.whole(0, 4000),
          check: random.chance(0.15),
          plays: random.chance(0.4) ? plays.map(lists => changeVersions(lists)) : plays,
        },
      ]
    : []
  const operations = plays.reduce((sum, lists) => sum + (lists.get('web1')?.length ?? 0), 0)
  const steps = 150 + operations * 45
  const faults = Array.from({ length: random.pick([0, 1, 1, 1, 2, 2, 3]) }, () => ({
    kind: random.pick(FAULTS),
    host: random.pick(names),
    when: { step: random.whole(1, steps) },
    dice: random.fraction(),
  }))
  return { seed, kind: 'mixed', mode, hosts, runs: [first, ...second], faults }
}

const makeUndo = (names: readonly string[], play: number): Lists =>
  new Map(
    names.map(name => [
      name,
      [{ key: `p${play}u`, kind: 'plain', version: 1, takes: 0, bulk: 0 } satisfies Spec],
    ]),
  )

const makeLists = (names: readonly string[], play: number, random: Random): Lists => {
  const hasToken = names.length > 1 && random.chance(0.4)
  return new Map(
    names.map((name, place) => [
      name,
      makeList(`p${play}`, random, hasToken ? (place === 0 ? 'provider' : 'consumer') : null),
    ]),
  )
}

const makeList = (
  prefix: string,
  random: Random,
  role: 'provider' | 'consumer' | null,
): readonly Spec[] => {
  const specs: Spec[] = []
  const count = random.whole(1, 6)
  for (let i = 0; i < count; i++) {
    const files = specs.filter(({ kind }) => kind === 'plain' || kind === 'needing')
    const kind = random.pick([
      ...['plain', 'plain', 'plain', 'line', 'line', 'flag'],
      ...(files.length > 0 ? ['needing', 'needing', 'restart'] : []),
      ...(random.chance(0.15) ? ['reboot'] : []),
    ] as const) as Spec['kind']
    const on = kind === 'line' || kind === 'flag' ? prefix : random.pick(files)?.key
    const isLarge = random.chance(0.12)
    const takes = random.pick([0, 0, 0, 0, 1, 4])
    specs.push({
      key: `${prefix}${'abcdef'[i]}`,
      kind,
      version: 1,
      ...(kind === 'plain' || kind === 'reboot' || on === undefined ? {} : { on }),
      takes,
      bulk: isLarge ? random.whole(1000, 300_000) : 0,
      ...(isLarge && random.chance(0.5) ? { seconds: takes + 2 } : {}),
      ...(random.chance(0.1) ? { packages: true } : {}),
      ...(random.chance(0.08) ? { noisy: true } : {}),
      ...(random.chance(0.12) && kind === 'plain' ? { disruptive: true } : {}),
      ...(random.chance(0.2) ? { secret: true } : {}),
    })
  }
  if (role === null) return specs
  const extra: Spec = { key: `${prefix}t`, kind: role, version: 1, takes: 0, bulk: 0 }
  const at = random.whole(0, specs.length)
  return [...specs.slice(0, at), extra, ...specs.slice(at)]
}

/** The same lists of another version: two runs that want different things. */
const changeVersions = (lists: Lists): Lists =>
  new Map(
    [...lists].map(([name, specs]) => [
      name,
      specs.map(spec => (spec.kind === 'plain' ? { ...spec, version: 2 } : spec)),
    ]),
  )
