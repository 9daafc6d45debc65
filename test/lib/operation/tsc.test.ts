/**
 * What TypeScript refuses of the options of an operation, of a call or of a role is refused when a
 * playbook runs, and what it accepts is accepted but for ranges and forms, which types cannot say.
 */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Deferred } from '../../../lib/deferred.ts'
import { InputError } from '../../../lib/errors/input-error.ts'
import { openDescribed } from '../../../lib/operation/described.ts'
import { findFaults } from '../../../lib/operation/fault.ts'
import { checkCalled, checkOptions } from '../../../lib/operation/options.ts'
import type { KnownRoles, KnownValues, ValueType } from '../../../lib/operation/value-type.ts'
import { file } from '../../../lib/operations/file.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'
import { withSource } from '../../../scripts/docs/source.ts'
import { listForms, writeOptions, writeRequired } from './right-values.ts'

const root = process.cwd()
const known = JSON.parse(readFileSync('lib/operations/options.json', 'utf8')) as KnownValues
const ofRoles = JSON.parse(readFileSync('roles/options.json', 'utf8')) as KnownRoles
const findCheck = openDescribed(new URL('../../../roles/options.json', import.meta.url))

/** Values of each kind that there is. */
const kinds = [
  ...["'x'", "''", "'/x/y'", "'644'", "'22x'", "'1'", '42', '0', '-1', '1.5', 'Number.NaN'],
  ...['70000', 'true', 'null', '[]', "['x']", "['/x']", '[42]', '[undefined]', '[null]', '[made]'],
  ...['[secret]', '[[]]', '{}', "{ x: 'x' }", '{ x: 42 }', '{ x: undefined }', '{ x: secret }'],
  ...['made', 'secret', 'deferred', 'sh`x`', 'shell', 'new Date(0)', '/x/', "Buffer.from('x')"],
  ...['new URL(import.meta.url)', "Promise.resolve('x')", "Symbol('x')", 'new Map()'],
]

type Table = 'operations' | 'calls' | 'roles'
type Row = {
  readonly table: Table
  readonly kind: string
  readonly options: string
  readonly what: string
}
const tables: readonly (readonly [
  Table,
  KnownValues['types'],
  Readonly<Record<string, ValueType>>,
])[] = [
  ['operations', known.types, known.operations],
  ['calls', known.types, known.calls],
  ['roles', ofRoles.types, ofRoles.roles],
]

/**
 * For each option of each operation, call and role, in each type that it has: one value of each
 * kind; and what is missing. Equal types are compiled once for each name of an option.
 */
const listRows = (): readonly Row[] => {
  const all = tables.flatMap(([table, types, kinds]) =>
    Object.entries(kinds).map(([kind, type]) => ({ table, types, kind, type })),
  )
  const seen = new Set<string>()
  return all.flatMap(({ table, types, kind, type }) =>
    listForms(type, types).flatMap(form => {
      const right = writeRequired(form, types)
      const row = (what: string, options: Readonly<Record<string, string>>): Row => ({
        table,
        kind,
        what,
        options: writeOptions(options),
      })
      const isNew = (name: string, type: unknown): boolean => {
        const key = `${name} ${JSON.stringify(type)}`
        return !seen.has(key) && Boolean(seen.add(key))
      }
      const names = Object.entries(form.options)
        .map(([name, type]) => [name.replace('?', ''), type] as const)
        .flatMap(([name, type]) => (isNew(name, type) ? [name] : []))
      return [
        row('required options alone', right),
        row('an unknown option', { ...right, zzz: "'x'" }),
        ...Object.keys(right).map(name => {
          const { [name]: _, ...rest } = right
          return row(`without ${name}`, rest)
        }),
        ...names.flatMap(name =>
          kinds.map(value => row(`${name}: ${value}`, { ...right, [name]: value })),
        ),
      ]
    }),
  )
}

/** The source of a call with the options of a row. */
const writeCall = ({ table, kind, options }: Row): string =>
  table === 'operations'
    ? `${kind}(${options})`
    : table === 'roles'
      ? `roles.${kind}(${options})`
      : `call<Calls['${kind}']>(${options})`

const head = (modules: readonly string[]) => `import type { Calls } from '${root}/lib/run/calls.ts'
import { Deferred } from '${root}/lib/deferred.ts'
import { Secret } from '${root}/lib/secret.ts'
import { sh } from '${root}/lib/sh.ts'
${modules.map(name => `import { ${name} } from '${root}/lib/operations/${name}.ts'`).join('\n')}
${Object.keys(ofRoles.roles)
  .map(name => `import { ${name} as ${name}Role } from '${root}/roles/${name}.ts'`)
  .join('\n')}
const roles = { ${Object.keys(ofRoles.roles)
  .map(name => `${name}: ${name}Role`)
  .join(', ')} }
const call = <Options>(options: Options): Options => options
const secret = new Secret('x', 'x')
const deferred = new Deferred<never>('x')
const shell = (): never => { throw new Error('x') }
const made = file({ path: '/x', content: '' })
`

/** Those of the rows that TypeScript refuses. */
const compile = (rows: readonly Row[]): ReadonlySet<Row> => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-rows-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const config = { extends: join(root, 'tsconfig.json'), include: ['rows.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const kinds = rows.flatMap(({ table, kind }) => (table === 'operations' ? [kind] : []))
    const modules = [...new Set(['file', ...kinds.map(kind => kind.split('.')[0] ?? '')])]
    const lines = [...head(modules).split('\n'), ...rows.map(writeCall)]
    const text = lines.join('\n')
    writeFileSync(join(folder, 'rows.ts'), text)
    const starts: number[] = [0]
    for (const line of lines) starts.push((starts.at(-1) ?? 0) + Buffer.byteLength(line) + 1)
    const first = lines.length - rows.length
    return withSource(folder, ({ project }) => {
      const refused = new Set<Row>()
      for (const { pos, text: said } of project.program.getSemanticDiagnostics(
        join(folder, 'rows.ts'),
      )) {
        const line = starts.findLastIndex(start => start <= pos)
        const row = rows[line - first]
        assert.ok(row, `line ${line}: ${said}`)
        refused.add(row as Row)
      }
      return refused
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const secret = new Secret('x', 'x')
const values = {
  ...{ sh, secret, shell: () => sh``, deferred: new Deferred('x') },
  made: file({ path: '/x', content: '' }),
}
/** What the check says of a row; empty: it accepts it. */
const check = ({ table, kind, options }: Row): string => {
  const source = options.replaceAll('import.meta.url', JSON.stringify(import.meta.url))
  const make = new Function(...Object.keys(values), `return ${source}`)
  const given = make(...Object.values(values))
  if (table === 'roles') {
    const found = findCheck(table, kind)
    return found
      ? findFaults(found, given)
          .map(({ message }) => message)
          .join()
      : ''
  }
  try {
    if (table === 'calls') checkCalled(kind, given)
    else checkOptions(kind, given)
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message
  }
}

test('the check of values and the compiler agree on every option of operations and roles', () => {
  const rows = listRows()
  assert.ok(rows.length > 5_000, `only ${rows.length} rows`)
  for (const [table] of tables)
    assert.ok(
      rows.some(row => row.table === table),
      table,
    )
  const refused = compile(rows)
  assert.ok(refused.size > 3_000 && refused.size < rows.length)
  const missed: string[] = []
  const strict: string[] = []
  for (const row of rows) {
    const said = check(row)
    // An unknown option that is undefined counts as not given.
    const isNothing = row.what.endsWith('{ x: undefined }')
    if (refused.has(row) && said === '' && !isNothing) missed.push(`${row.kind} ${row.what}`)
    // What types cannot say: ranges of numbers, forms of texts, that NaN is no number, and that an
    // operation, which has a name, is not the options of something that has one.
    const known =
      /whole number|it is a number|is not a (name|mode)|text like|: NaN is|the operation/
    if (!refused.has(row) && said !== '' && !known.test(said))
      strict.push(`${row.kind} ${row.what}: ${said}`)
  }
  assert.equal(missed, [], 'accepted, though the compiler refuses it')
  assert.equal(strict, [], 'refused, though the compiler accepts it')
})

test.run()
