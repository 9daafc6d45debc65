import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { listEntries } from '../../../lib/run/play-entries.ts'
import { Selection } from '../../../lib/run/selection.ts'
import { step } from '../../fixtures/step.ts'
import { makeStep } from '../../support/slots.ts'

const list = (selection: Selection, names: readonly string[], role = 'web') =>
  listEntries(
    'h',
    { [role]: names.map(name => step({ dir: '/x', name }, { tags: [`tag-${name}`] })) },
    'x',
    selection.selects,
  )
const chosen = (
  lists: readonly {
    readonly entries: readonly {
      readonly op: { readonly name: string }
      readonly selected: boolean
    }[]
  }[],
) => lists.map(({ entries }) => entries.filter(({ selected }) => selected).map(({ op }) => op.name))

test('tags: by role and by tag, and what is left out', () => {
  const of = (only: string[], not: string[] = []) => {
    const selection = new Selection({ only, not })
    return chosen([{ entries: [...list(selection, ['a', 'b'])] }])[0]
  }
  assert.equal(
    [of([]), of(['web']), of(['tag-b']), of([], ['tag-b']), of(['web'], ['tag-a']), of(['no'])],
    [['a', 'b'], ['a', 'b'], ['b'], ['a'], ['b'], []],
  )
})

test('--start-at: what comes before is left out, or all of a host without it, in one play', () => {
  const selection = new Selection({ only: [], not: [], startAt: 'step b' })
  const play = (...lists: string[][]) =>
    chosen(
      selection.skipToStart(
        lists.map((names, i) => ({ host: `h${i}`, entries: list(selection, names) })),
      ),
    )
  assert.equal(play(['x'], ['y']), [[], []])
  assert.equal(play(['a', 'b', 'c'], ['a', 'c']), [['b', 'c'], []])
  assert.equal(play(['d'], ['e']), [['d'], ['e']])
  assert.is(selection.findUnmet(), null)
})

test('--start-at says why something is left out', () => {
  const selection = new Selection({ only: [], not: [], startAt: 'step b' })
  const [first] = selection.skipToStart([{ host: 'h', entries: list(selection, ['a', 'b']) }])
  assert.equal(
    first?.entries.map(({ why }) => why),
    ['it comes before step b', undefined],
  )
})

test('what was never met is an error with the name that was meant', () => {
  const selection = new Selection({ only: ['wbe', 'tag-a'], not: ['tag-zz'], startAt: 'step bb' })
  selection.skipToStart([{ host: 'h', entries: list(selection, ['a', 'b']) }])
  assert.is(
    selection.findUnmet()?.message,
    [
      '--tags wbe: no role or operation has this tag; did you mean "web"?',
      '--skip-tags tag-zz: no role or operation has this tag; did you mean "tag-a"?',
      '--start-at "step bb": no operation has this id; did you mean "step b"?',
      '  --list-tasks lists them.',
    ].join('\n'),
  )
})

test('a tag near no other one: the tags that there are', () => {
  const selection = new Selection({ only: ['zzzzzz'], not: [] })
  list(selection, ['a'])
  assert.is(
    selection.findUnmet()?.message,
    '--tags zzzzzz: no role or operation has this tag\n  There are: web, tag-a.',
  )
})

const starts: Record<string, string> = {
  'step bb': 'step b',
  beta: 'step beta',
  bta: 'step beta',
  'p bet': 'step beta',
}
for (const [startAt, meant] of Object.entries(starts))
  test(`--start-at ${startAt}: ${meant} is meant`, () => {
    const selection = new Selection({ only: [], not: [], startAt })
    selection.skipToStart([{ host: 'h', entries: list(selection, ['b', 'alpha', 'beta']) }])
    assert.match(selection.findUnmet()?.message ?? '', new RegExp(`did you mean "${meant}"`))
  })

test('--start-at with a name alone: the operation of just that name is meant', () => {
  const selection = new Selection({ only: [], not: [], startAt: 'beta' })
  selection.skipToStart([{ host: 'h', entries: list(selection, ['betb', 'beta']) }])
  assert.match(selection.findUnmet()?.message ?? '', /did you mean "step beta"/)
})

test('--start-at with what is near nothing: no guess', () => {
  const selection = new Selection({ only: [], not: [], startAt: 'zzzzzz' })
  selection.skipToStart([{ host: 'h', entries: list(selection, ['a']) }])
  assert.is(
    selection.findUnmet()?.message,
    '--start-at "zzzzzz": no operation has this id\n  --list-tasks lists them.',
  )
})

test('--start-at the first operation plays all', () => {
  const selection = new Selection({ only: [], not: [], startAt: 'step a' })
  const entries = list(selection, ['a', 'b'])
  assert.equal(chosen(selection.skipToStart([{ host: 'h', entries }])), [['a', 'b']])
})

test('without --start-at a list is played as its tags select it', () => {
  const selection = new Selection({ only: ['tag-b'], not: [] })
  const lists = [{ host: 'h', entries: list(selection, ['a', 'b']) }]
  assert.is(selection.skipToStart(lists), lists)
})

const facts = (selection: Selection) =>
  listEntries(
    'h',
    { web: [makeStep('os', null, { kind: 'fact', id: 'fact os', tags: ['x'] }), makeStep('b')] },
    'x',
    selection.selects,
  )

test('facts are gathered whatever is selected, for the lists that are made from them', () => {
  const tags = new Selection({ only: ['none'], not: ['web'] })
  assert.equal(chosen([{ entries: facts(tags) }]), [['os']])
  const start = new Selection({ only: [], not: [], startAt: 'step b' })
  assert.equal(chosen(start.skipToStart([{ host: 'h', entries: facts(start) }])), [['os', 'b']])
})

test('facts are no operations to select or to start at', () => {
  const selection = new Selection({ only: ['x'], not: [], startAt: 'fact os' })
  selection.skipToStart([{ host: 'h', entries: facts(selection) }])
  const lines = selection.findUnmet()?.message.split('\n') ?? []
  assert.is(lines[0], '--tags x: no role or operation has this tag')
  assert.match(lines.join('\n'), /^--start-at "fact os": no operation has this id/m)
})

const left: [only: string[], not: string[], place: string][] = [
  [['web'], ['web'], '--tags web --skip-tags web'],
  [[], ['tag-a', 'web'], '--skip-tags tag-a,web'],
  [['web', 'tag-a'], ['web'], '--tags web,tag-a --skip-tags web'],
]
for (const [only, not, place] of left)
  test(`tags that leave nothing are an error: ${place}`, () => {
    const tags = new Selection({ only, not })
    list(tags, ['a'])
    assert.is(tags.findUnmet()?.message, `${place}: selects no operation`)
  })

test('tags that select something of one list may leave nothing of another', () => {
  const tags = new Selection({ only: ['web'], not: [] })
  list(tags, ['a'])
  list(tags, ['a'], 'db')
  assert.is(tags.findUnmet(), null)
})

test('a run without any list has nothing to select, but a tag that is asked for is unknown', () => {
  assert.is(new Selection({ only: [], not: [] }).findUnmet(), null)
  assert.is(
    new Selection({ only: ['web'], not: [] }).findUnmet()?.message,
    '--tags web: no role or operation has this tag',
  )
})

test.run()
