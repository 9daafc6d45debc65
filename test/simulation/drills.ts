import type { Lists, RunSpec } from './controller.ts'
import { SILENT } from './faults.ts'
import type { Spec } from './operations.ts'
import type { Random } from './random.ts'
import type { Fault, HostSpec, Mode, Scenario } from './scenario.ts'

/** What a drill decides; the rest is as quiet as can be. */
type Draft = Pick<Scenario, 'mayFail'> & {
  readonly hosts?: readonly Partial<HostSpec>[]
  readonly runs: readonly (Partial<RunSpec> & Pick<RunSpec, 'plays'>)[]
  readonly faults?: readonly Fault[]
}

type Drill = (random: Random) => Draft

/** The drill of a seed: all of them one after another, each time with another mode. */
export const drill = (seed: number, mode: Mode, random: Random): Scenario => {
  const place = Math.floor(seed / 3) * 2 + (seed % 3) - 1
  const names = Object.keys(DRILLS)
  const kind = names[(place + Math.floor(place / names.length)) % names.length] as string
  const { hosts = [{}], runs, faults = [], ...rest } = (DRILLS[kind] as Drill)(random)
  return {
    seed,
    kind,
    mode,
    hosts: hosts.map((host, i) => ({ ...QUIET, name: `web${i + 1}`, ...host })),
    runs: runs.map((run, i) => ({ ...CALM, who: `${WHO[i]}@desk 2026-11-27 12:00`, ...run })),
    faults,
    ...rest,
  }
}

const QUIET: Omit<HostSpec, 'name'> = {
  delay: [1, 3],
  pace: 0.2,
  becomes: 'no',
  bandwidth: 10_000_000,
  deadLease: false,
  markers: [],
}

const CALM: Omit<RunSpec, 'who' | 'plays'> = {
  begins: 0,
  check: false,
  forks: 10,
  serial: null,
  maxFail: null,
}

const WHO = ['ann', 'bob', 'eve', 'jim', 'kim', 'ned', 'pam', 'ron']

/** Operations by their letters: `p0a`, `p0b`, … */
const list = (specs: readonly Partial<Spec>[], play = 0): readonly Spec[] =>
  specs.map((spec, i) => ({
    key: `p${play}${'abcdefghijklmnop'[i]}`,
    kind: 'plain',
    version: 1,
    takes: 0,
    bulk: 0,
    ...spec,
  }))

const one = (specs: readonly Spec[]): Lists => new Map([['web1', specs]])

const alike = (count: number, make: (place: number) => readonly Spec[]): Lists =>
  new Map(Array.from({ length: count }, (_, i) => [`web${i + 1}`, make(i)]))

/** Something happens at a host, at so many milliseconds. */
const at = (ms: number, kind: Fault['kind'], rest: Partial<Fault> = {}): Fault => ({
  kind,
  host: 'web1',
  when: { ms },
  dice: 0,
  ...rest,
})

/** Each looks for faults of one kind, as its name says. */
const DRILLS: Readonly<Record<string, Drill>> = {
  'several runs want the lease of a dead one at the same moment': random => {
    const plays = [one(list([{ takes: 1 }]))]
    const count = 8
    return {
      // who takes the dead lease may be slow, and take what another has put there since
      hosts: [
        {
          pace: 0.4,
          deadLease: true,
          delay: [1, 2],
          heldUp: { who: /^(bob|eve)/, command: /^(mv|rm|(ln|readlink) .*lease\.\d).*/, ms: 100 },
        },
      ],
      runs: Array.from({ length: count }, (_, i) => ({
        begins: i === 1 || i === 2 ? 0 : random.whole(0, 150),
        plays,
      })),
    }
  },

  'each operation waits for the one before it': () => ({
    runs: [
      {
        plays: [
          one(
            list(
              Array.from({ length: 14 }, (_, i) =>
                i === 0 ? {} : { kind: 'needing', on: `p0${'abcdefghijklmnop'[i - 1]}` },
              ),
            ),
          ),
        ],
      },
    ],
  }),

  'hosts are disturbed in turn': random => {
    const count = random.pick([2, 3])
    const isBroken = random.chance(0.4)
    const takes = random.whole(2, 6)
    return {
      hosts: Array.from({ length: count }, (_, i) => ({
        markers: i === 0 && isBroken ? ['p0b.broken'] : [],
      })),
      runs: [
        {
          plays: [alike(count, () => list([{}, { disruptive: true, takes }, {}]))],
        },
      ],
      faults: random.chance(0.5) ? [at(random.whole(100, takes * 1500), 'interrupt')] : [],
    }
  },

  'a host is disturbed and does not recover': random => ({
    hosts: [{}, {}, {}].map(() => ({ markers: random.chance(0.7) ? ['p0b.broken'] : [] })),
    runs: [{ plays: [alike(3, () => list([{}, { disruptive: true, takes: 1 }, {}]))] }],
  }),

  'a value goes from host to host, with few forks': random => ({
    hosts: [{}, {}, {}],
    runs: [
      {
        forks: random.pick([1, 1, 2]),
        plays: [alike(3, i => list([{}, { kind: i === 2 ? 'provider' : 'consumer', key: 'p0t' }]))],
      },
    ],
  }),

  'hosts fail, one batch after another': random => {
    const bad = random.whole(0, 1)
    return {
      hosts: Array.from({ length: 3 }, (_, i) => ({ markers: i === bad ? ['p0a.broken'] : [] })),
      runs: [
        {
          serial: 1,
          maxFail: random.pick([0, 0, null]),
          plays: [alike(3, () => list([{}, {}]))],
        },
      ],
    }
  },

  'a link falls silent': random => ({
    runs: [{ plays: [one(list([{ takes: 2 }, { takes: 1 }, {}]))] }],
    faults: [at(random.whole(10, 4000), 'cut', { cut: SILENT })],
  }),

  'a link ends in the middle of a round': random => {
    const specs = list(Array.from({ length: random.whole(8, 14) }, () => ({})))
    return {
      hosts: [{ bandwidth: 4000, becomes: 'sudo' }],
      runs: [{ plays: [one(specs)] }],
      faults: [at(random.whole(2400, 4800), 'cut', { cut: { here: 0, there: 0, lingers: 3000 } })],
    }
  },

  'something else writes to the channel': random => ({
    runs: [
      { plays: [one(list([{}, { takes: random.whole(0, 1) }, { bare: random.chance(0.7) }]))] },
    ],
    faults: [
      {
        kind: 'noise',
        host: 'web1',
        when: { cat: random.pick(['/s/1.p0.o', '/s/2.p0.o', '/s/2.p0.o']) },
        dice: 0,
      },
    ],
  }),

  'a large upload over a narrow link': random => {
    const bulk = random.whole(200_000, 700_000)
    return {
      hosts: [{ bandwidth: 130_000 }],
      runs: [{ plays: [one(list([{}, { bulk, seconds: random.whole(1, 2) }, {}]))] }],
      faults: random.chance(0.6)
        ? [
            at(random.whole(200, 400 + bulk / 130), 'cut', {
              cut: random.pick([
                { here: 0, there: 0 },
                { here: 2000, there: 0 },
                { here: 0, there: 3000 },
              ]),
            }),
          ]
        : [],
    }
  },

  'what a lost shell does is waited for': random => ({
    hosts: [{ becomes: random.pick(['no', 'sudo']) }],
    runs: [{ plays: [one(list([{}, { takes: random.whole(4, 20) }, {}]))] }],
    faults: [
      random.chance(0.5)
        ? at(random.whole(20, 5000), 'kill-shell')
        : at(random.whole(20, 5000), 'cut', {
            cut: { here: 0, there: random.pick([0, 5000, 20_000]) },
          }),
    ],
  }),

  'a link is lost, and nobody is let in again': random => {
    const ms = random.whole(20, 3000)
    return {
      runs: [{ plays: [one(list([{ takes: 1 }, { takes: 1 }, { takes: 1 }, {}]))] }],
      faults: [
        at(ms, 'cut', { cut: { here: 0, there: random.pick([0, 20_000, 100_000]) } }),
        at(ms + 1, 'refuse', { dice: 1 }),
      ],
    }
  },

  'another run comes while a lost one still does something': random => {
    const plays = [one(list([{}, { takes: random.whole(20, 30) }, {}]))]
    return {
      hosts: [{ becomes: random.pick(['no', 'sudo']) }],
      runs: [{ plays }, { plays, begins: random.whole(5000, 15_000) }],
      faults: [
        random.chance(0.7)
          ? at(random.whole(300, 1500), 'kill-shell')
          : at(random.whole(300, 3000), 'die'),
      ],
    }
  },

  'two runs want one host': random => {
    const plays = [
      one(list(Array.from({ length: random.whole(3, 5) }, () => ({ takes: random.whole(0, 2) })))),
    ]
    return {
      runs: [{ plays }, { plays, begins: random.whole(0, 4000), check: random.chance(0.2) }],
    }
  },

  'somebody edits what was read, before its turn': random => {
    const specs = list([
      { takes: random.whole(2, 4) },
      { kind: 'line', on: 'p0' },
      { takes: 1 },
      { kind: 'line', on: 'p0' },
    ])
    return {
      hosts: [{ delay: random.pick([[1, 3] as const, [80, 200] as const]) }],
      runs: [{ plays: [one(specs)] }],
      faults: [at(random.whole(100, 4000), 'edit', { dice: random.pick([0.3, 0.8]) })],
    }
  },

  'an operation does the work of a later one': random => ({
    runs: [
      {
        plays: [
          one(
            list([
              { kind: 'flag', on: 'p0' },
              {},
              { kind: 'flag', on: 'p0' },
              ...(random.chance(0.5) ? [{ kind: 'flag' as const, on: 'p0' }] : []),
            ]),
          ),
        ],
      },
    ],
  }),

  'several probes hang': random => ({
    hosts: [{ markers: ['p0a.hang', 'p0b.hang', ...(random.chance(0.5) ? ['p0d.hang'] : [])] }],
    runs: [{ plays: [one(list([{}, {}, {}, {}]))] }],
  }),

  'a change in the middle fails': random => ({
    hosts: [{ markers: [`p0${random.pick(['a', 'b', 'c'])}.broken`] }],
    runs: [{ plays: [one(list([{}, {}, {}, {}]))], check: false }],
  }),

  'Ctrl-C in the middle of a list': random => ({
    runs: [
      {
        plays: [
          one(list(Array.from({ length: 6 }, () => ({ takes: 1, noisy: random.chance(0.1) })))),
        ],
        ...(random.chance(0.4) ? { undo: one(list([{}], 1)) } : {}),
      },
    ],
    faults: [at(random.whole(20, 6000), 'interrupt')],
  }),

  'Ctrl-C twice': random => ({
    runs: [
      {
        plays: [
          one(
            list([
              {},
              random.chance(0.5)
                ? { takes: 300, seconds: 600 }
                : { takes: random.whole(8, 30), packages: true },
              {},
            ]),
          ),
        ],
      },
    ],
    faults: [at(random.whole(100, 5000), 'interrupt-twice', { dice: random.fraction() })],
  }),

  'a change goes on past its deadline': random => {
    const seconds = random.whole(2, 4)
    const extra = random.pick([
      { takes: seconds + 2 },
      { takes: seconds + 90, packages: true },
      { takes: seconds + 12, stubborn: { children: 0 } },
      { takes: seconds + 12, stubborn: { children: 40 } },
      { takes: seconds + 12, stubborn: { children: 40, yields: true } },
    ])
    return { runs: [{ plays: [one(list([{}, { ...extra, seconds }, {}]))] }], mayFail: true }
  },

  'a host reboots': random => ({
    hosts: [{ becomes: random.pick(['no', 'sudo']) }],
    runs: [{ plays: [one(list([{}, { kind: 'reboot' }, {}]))] }],
  }),

  'two plays are begun at the same time': random => ({
    hosts: [{}, {}],
    runs: [
      {
        together: true,
        plays: [
          alike(2, () => list([{}, { takes: random.whole(0, 2) }])),
          alike(2, () => list([{}, {}], 1)),
        ],
      },
    ],
  }),

  'check mode': random => ({
    runs: [
      {
        check: true,
        plays: [one(list([{}, { kind: 'needing', on: 'p0a' }, { kind: 'line', on: 'p0' }, {}]))],
      },
    ],
    faults: random.chance(0.3)
      ? [at(random.whole(10, 300), 'cut', { cut: { here: 0, there: 0 } })]
      : [],
  }),

  'something cannot be read until what is before it is done': random => ({
    runs: [
      {
        plays: [
          one(
            list([
              { takes: random.whole(0, 1) },
              { kind: 'needing', on: 'p0a' },
              {},
              { kind: 'restart', on: 'p0a' },
              {},
            ]),
          ),
        ],
      },
    ],
    faults: random.chance(0.3)
      ? [at(random.whole(10, 2000), 'cut', { cut: { here: 0, there: 0 } })]
      : [],
  }),
}
