import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { listEntries } from '../../../lib/run/play-entries.ts'
import { Selection } from '../../../lib/run/selection.ts'
import { step } from '../../fixtures/step.ts'

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

test('tags that leave nothing are an error', () => {
  const tags = new Selection({ only: ['web'], not: ['web'] })
  list(tags, ['a'])
  assert.is(tags.findUnmet()?.message, '--tags web --skip-tags web: selects no operation')
})

test.run()
