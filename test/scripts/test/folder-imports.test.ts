import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findTableErrors, readModuleTable } from '../../../scripts/test/folder-imports.ts'
import { readSources } from '../../../scripts/test/sources.ts'
import { root } from '../../support/run-playbook.ts'

test('docs/architecture.md shows what the imports are', () => {
  const rows = readModuleTable(readFileSync(`${root}/docs/architecture.md`, 'utf8'))
  assert.ok(rows.length > 10)
  assert.equal(findTableErrors(rows, readSources(root)), [])
})

const sources = new Map([
  ['playbooks/a.ts', "import { b } from '../lib/run/b.ts'"],
  ['lib/run/b.ts', "import type { C } from '../errors/c.ts'\nimport { sh } from '../sh.ts'"],
  ['lib/errors/c.ts', ''],
  ['lib/sh.ts', ''],
])
const rows = (...lines: readonly string[]) =>
  readModuleTable(lines.map(line => `| ${line} |`).join('\n'))

test('a table that is right has no errors', () =>
  assert.equal(
    findTableErrors(
      rows('`playbooks/` | x | run', '`lib/run/` | x | errors', '`lib/errors/` | x | –'),
      sources,
    ),
    [],
  ))

test('a missing import, a missing row and an import upwards are found', () =>
  assert.equal(
    findTableErrors(
      rows('`lib/errors/` | x | –', '`lib/run/` | x | –', '`lib/old/` | x | –'),
      sources,
    ),
    [
      'playbooks: no row',
      'lib/run imports errors',
      'lib/run imports lib/errors, which is above it in the table',
      'lib/old: no such folder',
    ],
  ))

test.run()
