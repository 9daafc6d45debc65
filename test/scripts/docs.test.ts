import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'uvu'
import * as assert from 'uvu/assert'
import { readOperations } from '../../scripts/docs/read.ts'
import { renderPage, splitDefault } from '../../scripts/docs/render.ts'
import { runDocs as docs, inDocsProject as inProject } from '../support/docs-project.ts'

const flag = `import { change, operation, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import type { When } from './flag/when.ts'

export type Flag = {
  /** Its name. */
  readonly name: string
  /** Seconds | minutes. Default 60. */
  readonly seconds?: number
  /** When it is hoisted. */
  readonly when?: readonly When[]
} & (
  | {
      /** Its colour. */
      readonly colour: string
      readonly picture?: never
    }
  | {
      /** What is on it. */
      readonly picture: URL
      readonly colour?: never
    }
)

/**
 * A flag is hoisted.
 * It stays up.
 * @example flag({ name: 'x', colour: 'red' })
 */
export const flag = operation('flag', {
  name: ({ name }: Flag) => name,
  probe: ({ name }) => sh\`cat \${name}\`,
  read: out => (out.exitCode === 0 ? out.stdout.toString() : unreadable(out)),
  plan: now => change([{ key: 'x', before: now, after: 'y' }], sh\`true\`),
})

/** No operation, and so not in the reference. */
export const half = (flags: readonly string[]): number => flags.length / 2
`
const when = `export type When = {
  /** The hour, 0 to 23. */
  readonly hour: number
}
`
const pole = `import type { Operation } from '../operation.ts'
import { raised } from './pole/raised.ts'

/** All about poles. */
export const pole = { raised }
export const poles: readonly Operation[] = []
`
const raised = `import type { Operation } from '../../operation.ts'
import { flag } from '../flag.ts'

type Raised = {
  /** In metres. */
  readonly height: number
}

/** A pole with a flag on it. */
export const raised = ({ height }: Raised): readonly Operation[] => [
  flag({ name: String(height), colour: 'red' }),
]
`
const planted = {
  'lib/operations/flag.ts': flag,
  'lib/operations/flag/when.ts': when,
  'lib/operations/pole.ts': pole,
  'lib/operations/pole/raised.ts': raised,
}

test('the page has each operation, its options with type, default and docstring, its example', () =>
  inProject(planted, root => {
    const { code, said, page } = docs(root)
    assert.is(code, 0, said)
    for (const line of [
      '| [`flag`](#flag) | A flag is hoisted. |',
      '| [`pole.raised`](#poleraised) | A pole with a flag on it. |',
      'A flag is hoisted. It stays up.',
      "flag({ name: 'x', colour: 'red' })",
      '[lib/operations/pole/raised.ts](../lib/operations/pole/raised.ts)',
      '| `name` | `string` | required | Its name. |',
      '| `seconds` | `number` | 60 | Seconds \\| minutes. |',
      '| `when` | `readonly When[]` |  | When it is hoisted. |',
      '| `hour` | `number` | required | The hour, 0 to 23. |',
      '| `picture` | `URL` | see below | What is on it. |',
      'Either `colour`; or `picture`.',
    ])
      assert.ok((page ?? '').split('\n').includes(line), `${line}\nis not in\n${page}`)
    assert.not.match(page ?? '', /half|poles|`never`/)
  }))

test('the same sources give the same page; --check sees that, and a page that is older', () =>
  inProject(planted, root => {
    const first = docs(root)
    assert.is(docs(root, '--check').code, 0)
    rmSync(join(root, 'docs/operations.md'))
    assert.is(docs(root).page, first.page)
    writeFileSync(
      join(root, 'lib/operations/flag.ts'),
      flag.replace('Its name.', 'What it is called.'),
    )
    const stale = docs(root, '--check')
    assert.is(stale.code, 1)
    assert.match(
      stale.said,
      /docs\/operations\.md out of date with the source: run npx zx scripts\/docs\.ts/,
    )
    assert.is(stale.page, first.page, '--check writes nothing')
    assert.match(docs(root).page ?? '', /What it is called\./)
  }))

const without: Record<string, [path: keyof typeof planted, sentence: string, complaint: RegExp]> = {
  'an option': [
    'lib/operations/flag.ts',
    '  /** Its name. */\n',
    /^lib\/operations\/flag\.ts:6: the option name has no docstring$/m,
  ],
  'an option of one form': [
    'lib/operations/flag.ts',
    '      /** What is on it. */\n',
    /^lib\/operations\/flag\.ts:19: the option picture has no docstring$/m,
  ],
  'an option of a type that is named': [
    'lib/operations/flag/when.ts',
    '  /** The hour, 0 to 23. */\n',
    /^lib\/operations\/flag\/when\.ts:2: the option hour has no docstring$/m,
  ],
  'an operation that is a property': [
    'lib/operations/pole/raised.ts',
    '/** A pole with a flag on it. */\n',
    /^lib\/operations\/pole\/raised\.ts:9: pole\.raised has no docstring$/m,
  ],
}
for (const [what, [path, sentence, complaint]] of Object.entries(without))
  test(`${what} without a docstring is told with its place`, () =>
    inProject({ ...planted, [path]: planted[path].replace(sentence, '') }, root => {
      assert.ok(planted[path].includes(sentence))
      assert.match(readOperations(root).problems.join('\n'), complaint)
    }))

test('where a docstring is missing nothing is written', () =>
  inProject(
    { ...planted, 'lib/operations/flag.ts': flag.replace('  /** Its name. */\n', '') },
    root => {
      const { code, said, page } = docs(root)
      assert.is(code, 1)
      assert.match(said, /^lib\/operations\/flag\.ts:6: the option name has no docstring\nWrite /m)
      assert.is(page, null)
    },
  ))

test('an unknown flag is an error with the usage', () => {
  const { code, said } = docs('.', '--chek')
  assert.is(code, 1)
  assert.match(said, /--chek[\s\S]*npx zx scripts\/docs\.ts \[--check\]/)
})

const defaults = suite('defaults')
for (const [doc, rest, byDefault] of [
  ['Default 60.', '', '60'],
  [
    'How long. Default: Docker’s 10.0.0.0/8. Fixed at init.',
    'How long. Fixed at init.',
    'Docker’s 10.0.0.0/8',
  ],
  ['The Default is yours.', 'The Default is yours.', ''],
  ['No default', 'No default', ''],
] as const)
  defaults(JSON.stringify(doc), () => assert.equal(splitDefault(doc), [rest, byDefault]))
defaults.run()

test('the reference has every module of lib/operations, and its links lead to files', () => {
  const { references } = readOperations(process.cwd())
  const modules = readdirSync('lib/operations').flatMap(name =>
    name.endsWith('.ts') ? [name.slice(0, -3)] : [],
  )
  assert.equal(
    [...new Set(references.map(({ name }) => name.split('.')[0]))].sort(),
    modules.sort(),
  )
  for (const [, path = ''] of renderPage(references).matchAll(/\]\(\.\.\/([^)]+)\)/g))
    assert.ok(existsSync(path), path)
})

test.run()
