import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { stringify } from 'yaml'
import { type Change, type Operation, Unknown } from '../../../lib/operation.ts'
import { jsonFormat, type Plain, yamlFormat } from '../../../lib/operations/document/document.ts'
import type { KeyChange, Keys } from '../../../lib/operations/document/keys.ts'
import type { Values } from '../../../lib/operations/document/values.ts'
import { json } from '../../../lib/operations/json.ts'
import { yaml } from '../../../lib/operations/yaml.ts'
import { makeOutput, nothingPending } from '../../support/operations.ts'

const text = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom(
    'yes',
    '1.0',
    '# no',
    'a: b',
    '-',
    '//x',
    '/*',
    '"',
    "it's",
    'ü\n',
    '',
    ' ',
    '{',
    '&a',
    '*a',
    '!t',
    '012',
  ),
)
const key = fc.oneof(fc.constantFrom('a', 'b', 'c'), text).filter(name => name !== '__proto__')
const scalar = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
const { document } = fc.letrec<{ document: Values; value: Plain }>(tie => ({
  document: fc.dictionary(key, tie('value') as fc.Arbitrary<Plain>, {
    maxKeys: 4,
  }) as fc.Arbitrary<Values>,
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(scalar, { maxLength: 3 }),
    tie('document') as fc.Arbitrary<Plain>,
  ) as fc.Arbitrary<Plain>,
}))
const change: fc.Arbitrary<KeyChange> = fc.oneof(
  fc.record({ values: document.filter(values => Object.keys(values).length > 0) }),
  fc.record({
    state: fc.constant('absent' as const),
    keys: fc.array(fc.array(key, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
  }),
)
const layouts: Readonly<Record<string, (value: unknown) => string>> = {
  'JSON in one line': value => JSON.stringify(value),
  'JSON with spaces': value => `${JSON.stringify(value, null, 2)}\n`,
  'JSON with tabs and comments': value =>
    `// head\n${JSON.stringify(value, null, '\t').replace(/([\]}])$/, '/* last */ $1')}\n`,
}

/**
 * The text after an operation's change; the text itself where there is none; null where it says
 * that it cannot be done.
 */
const after = (kind: (want: Keys) => Operation, before: string, want: KeyChange): string | null => {
  const plan = kind({ path: '/f', ...want }).decide(makeOutput(`file\n${before}`), nothingPending)
  if (!(plan instanceof Unknown)) return String((plan as Change | null)?.stdin ?? before)
  assert.match(plan.why, /and a map is wanted/, `${plan.why} in ${before}`)
  return null
}

/** Nothing is left to do afterwards, and what is left alone is as it was. */
const holds = (
  kind: (want: Keys) => Operation,
  parse: (text: string) => { toJS(): unknown },
  before: string,
  want: KeyChange,
): void => {
  const done = after(kind, before, want)
  if (done === null) return
  assert.is(after(kind, done, want), done, 'a second run changes nothing')
  const [old, now] = [before, done].map(one => (parse(one).toJS() ?? {}) as Record<string, unknown>)
  const named = new Set([
    ...Object.keys(want.values ?? {}),
    ...(want.keys ?? []).map(key => [key].flat()[0]),
  ])
  for (const name of Object.keys(old ?? {}))
    if (!named.has(name)) assert.equal(now?.[name], old?.[name])
}
for (const [title, layout] of Object.entries(layouts))
  test(`whatever is set in ${title} is there afterwards, and nothing else has moved`, () =>
    fc.assert(
      fc.property(document, change, (value, want) =>
        holds(json, jsonFormat.parse, layout(value), want),
      ),
      { numRuns: 100 },
    ))

test('whatever is set in YAML is there afterwards, and nothing else has moved', () =>
  fc.assert(
    fc.property(
      document,
      change,
      fc.constantFrom(2, 4),
      fc.boolean(),
      (value, want, indent, indentSeq) =>
        holds(
          yaml,
          yamlFormat.parse,
          `# head\n${stringify(value, { indent, indentSeq })}# tail\n`,
          want,
        ),
    ),
    { numRuns: 200 },
  ))

test.run()
