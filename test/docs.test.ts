import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FLAGS } from '../lib/cli/flags.ts'

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync('docs').flatMap(name => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]
const text = (page: string): string => readFileSync(page, 'utf8')
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')

for (const page of pages)
  test(`${page}: its links lead somewhere`, () => {
    for (const [, link = ''] of text(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', heading] = link.split('#')
      const to = path === '' ? page : join(dirname(page), path)
      assert.ok(existsSync(to), `${link}: no such file`)
      const headings = [...text(to).matchAll(/^#+ (.*)$/gm)].map(([, line = '']) => anchor(line))
      if (heading !== undefined) assert.ok(headings.includes(heading), `${link}: no such heading`)
    }
  })

for (const page of pages)
  test(`${page}: the scripts and playbooks that it names are there`, () => {
    for (const [path] of text(page).matchAll(
      /(?:scripts|playbooks|lib|roles)\/[\w/-]+\.(?:ts|mjs)\b/g,
    ))
      assert.ok(
        existsSync(path) || /^(?:playbooks|roles)\/(?:greet|page|x|NAME)\.ts$/.test(path),
        path,
      )
  })

test('the README has every flag of a playbook, and no other', () => {
  const table = /## Flags\n([\s\S]*?)\n## /.exec(text('README.md'))?.[1] ?? ''
  const named = new Set([...table.matchAll(/--([a-z][a-z-]*)/g)].map(([, flag]) => flag))
  assert.equal([...named].sort(), Object.keys(FLAGS).sort())
})

test('whole playbooks in the docs compile', () => {
  const root = mkdtempSync(join(tmpdir(), 'docs-true-'))
  try {
    for (const path of ['node_modules', 'lib', 'roles'])
      symlinkSync(join(process.cwd(), path), join(root, path))
    for (const path of ['tsconfig.json', 'package.json']) cpSync(path, join(root, path))
    mkdirSync(join(root, 'playbooks'))
    const found = pages.flatMap(page =>
      [...text(page).matchAll(/```ts\n(#![\s\S]*?)```/g)].map(([, code = '']) => code),
    )
    assert.ok(found.length >= 2)
    for (const [i, code] of found.entries()) writeFileSync(join(root, `playbooks/${i}.ts`), code)
    const files = found.map((_, i) => join(root, `playbooks/${i}.ts`))
    writeFileSync(
      join(root, 'tsconfig.docs.json'),
      JSON.stringify({ extends: './tsconfig.json', include: [], files }),
    )
    const { stdout } = spawnSync(
      'node_modules/.bin/tsc',
      ['-p', join(root, 'tsconfig.docs.json')],
      { encoding: 'utf8', timeout: 60_000 },
    )
    // Modules of the project are checked by `npm run check`.
    assert.equal(
      stdout.split('\n').filter(line => /(?:^|\/)playbooks\/\d+\.ts/.test(line)),
      [],
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})

test.run()
