import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'uvu'
import * as assert from 'uvu/assert'
import * as z from 'zod'
import { readSettings } from '../../../lib/inventory/load-project.ts'
import { format } from '../../../lib/settings.ts'
import { renderSettings } from '../../../scripts/docs/render-settings.ts'
import { describeType } from '../../../scripts/docs/setting-type.ts'
import { describeSettings } from '../../../scripts/docs/settings.ts'
import { settings } from '../../../settings.ts'
import { inDocsProject, runDocs } from '../../support/docs-project.ts'

const role = `import * as z from 'zod'
import { declareSettings, format } from '../../lib/settings.ts'

/** What is asked of | a flag. */
const colours = z.strictObject({
  /** The first. Required. */
  first: z.enum(['red', 'blue']),
  /** All others. Default none. */
  others: z.array(format.words).default([]),
})

/** Flags on poles. */
export const flagSettings = declareSettings({
  role: 'flag',
  settings: {
    colours,
    /** Seconds that it is up. Default 60. Not for poles. */
    seconds: z.int().min(1).default(60),
    /** Poles by their name. Default none. */
    poles: z
      .record(
        z.string(),
        z.strictObject({
          /** Whether it is high. Default: if it is made of steel. */
          isHigh: z.boolean().exactOptional(),
        }),
      )
      .default({}),
  },
  server: {
    /** Labels. */
    labels: z.record(z.string(), z.string()).exactOptional(),
  },
  environment: {
    /** Its colours. */
    colours,
  },
})
`
const list = `import { flagSettings } from './roles/flag/settings.ts'

export const settings = [flagSettings] as const
`
const planted = { 'roles/flag/settings.ts': role, 'settings.ts': list }

const inProject = (text: string, use: (root: string) => void | Promise<void>): Promise<void> =>
  inDocsProject({ ...planted, 'roles/flag/settings.ts': text }, use, [
    'tsconfig.json',
    'package.json',
    'lib/settings.ts',
    'lib/inventory',
    'lib/operation',
    'lib/operations/options.json',
    'lib/deferred.ts',
    'lib/secret.ts',
    'lib/secrets',
    'lib/sh.ts',
    'lib/errors',
  ])

test('the page has each key with its path, type, default and docstring', () =>
  inProject(role, root => {
    const { code, said, settings } = runDocs(root)
    assert.is(code, 0, said)
    for (const line of [
      '| `clusters.NAME.servers.NAME.address` | text | required | IP address or DNS name to connect to. |',
      '| `servers.NAME` | the keys of `clusters.NAME.servers.NAME` |  | Servers that are in no cluster. |',
      '| `port` | whole number, 1 to 65535 | `22` | Port of sshd. |',
      '## flag',
      'Flags on poles.',
      '| `colours` | the keys below |  | What is asked of \\| a flag. |',
      '| `colours.first` | one of `red`, `blue` | required | The first. |',
      '| `colours.others` | list of texts | none | All others. |',
      '| `seconds` | whole number, 1 or more | `60` | Seconds that it is up. Not for poles. |',
      '| `poles.NAME` | the keys below |  | Poles by their name. |',
      '| `poles.NAME.isHigh` | `true` or `false` | if it is made of steel | Whether it is high. |',
      '**For a server**',
      '| `labels` | map of texts | none | Labels. |',
      '**For an environment**',
      '| `colours` | the keys of `colours` |  | Its colours. |',
    ])
      assert.ok((settings ?? '').split('\n').includes(line), `${line}\nis not in\n${settings}`)
  }))

test('--check sees a page that is older than the declarations, and writes nothing', () =>
  inProject(role, root => {
    const first = runDocs(root)
    assert.is(runDocs(root, '--check').code, 0)
    writeFileSync(join(root, 'roles/flag/settings.ts'), role.replace('Labels.', 'Its labels.'))
    const stale = runDocs(root, '--check')
    assert.is(stale.code, 1)
    assert.match(stale.said, /^docs\/settings\.md out of date .*run npx zx scripts\/docs\.ts/)
    assert.is(stale.settings, first.settings)
    rmSync(join(root, 'docs/settings.md'))
    assert.match(runDocs(root).settings ?? '', /Its labels\./)
  }))

for (const [problem, [from, to, complaint]] of Object.entries({
  'a key without a docstring': [
    '    /** Labels. */\n',
    '',
    /^roles\/flag\/settings\.ts:\d+: the setting labels has no docstring$/m,
  ],
  'a key inside a record without a docstring': [
    '          /** Whether it is high. Default: if it is made of steel. */\n',
    '',
    /^roles\/flag\/settings\.ts:\d+: the setting poles\.NAME\.isHigh has no docstring$/m,
  ],
  'a default that contradicts the schema': [
    'Default 60.',
    'Default 90.',
    /^roles\/flag\/settings\.ts:\d+: the setting seconds says "Default 90", its schema 60$/m,
  ],
  'a default that the schema does not have': [
    'The first. Required.',
    'The first. Default red.',
    /the setting colours\.first says "Default red", its schema that it is required$/m,
  ],
  'a map that the source does not write out': [
    '    /** Labels. */\n',
    '    ...(Object.fromEntries([["more", z.string()]]) as Record<never, z.ZodString>),\n    /** Labels. */\n',
    /^the setting more is not in the type of its map: write it out$/m,
  ],
} as const))
  test(`${problem} is a problem with its place`, () =>
    inProject(role.replace(from, to), async root => {
      assert.ok(role.includes(from))
      const { settings: declarations } = await readSettings(root)
      assert.match(describeSettings(root, declarations).problems.join('\n'), complaint)
    }))

test('nothing is written while a key has no docstring', () =>
  inProject(role.replace('    /** Labels. */\n', ''), root => {
    const { code, said, settings } = runDocs(root)
    assert.is(code, 1)
    assert.match(said, /the setting labels has no docstring\nWrite /)
    assert.is(settings, null)
  }))

test('the page of this project has every setting of its roles', () => {
  const { groups, problems } = describeSettings(process.cwd(), settings)
  assert.equal(problems, [])
  assert.equal(
    groups.slice(1).map(({ name }) => name),
    settings.map(({ role }) => role),
  )
  assert.is(renderSettings(groups), readFileSync('docs/settings.md', 'utf8'))
})

const types = suite('types')
for (const [words, type] of [
  ['text', format.words],
  ['whole number', z.int()],
  ['whole number, 1 to 3', z.int().min(1).max(3)],
  ['number, up to 3', z.number().max(3)],
  ['list of lists of numbers', z.array(z.array(z.number()))],
  ['map of any values', z.record(z.string(), z.json())],
  ['list of values, each one of `a`, `b`', z.array(z.enum(['a', 'b']))],
  ['text', format.words.default('x')],
  ['list of values, each `true` or `false`', z.array(z.boolean())],
] as const)
  types(words, () => assert.is(describeType(type), words))
types.run()

test.run()
