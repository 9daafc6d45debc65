/** What the compiler says of a mistake in a playbook. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Diagnostic } from 'typescript/unstable/sync'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { withSource } from '../../scripts/docs/source.ts'

const root = process.cwd()
const settings = `import * as z from 'zod'
import { declareSettings } from '${root}/lib/settings.ts'

const site = z.strictObject({ name: z.string() })
const web = declareSettings({ role: 'web', settings: { site } })
export const settings = [web] as const
export const vars = z.object({ timezone: z.string(), size: z.int().optional() })
declare module '${root}/lib/settings.ts' {
  interface Register {
    settings: typeof settings
    vars: typeof vars
  }
}
`
const head = `import type { Run } from '${root}/lib/playbook.ts'
import { file } from '${root}/lib/operations/file.ts'
import { timer } from '${root}/lib/operations/timer.ts'
import { os } from '${root}/lib/facts.ts'
import './settings.ts'
declare const run: Run
declare const when: boolean
const hosts = run.hosts('web')
const motd = file({ path: '/etc/motd', content: '' })
const nightly = timer({ name: 'x', onCalendar: 'daily', command: 'true' })
`

/** Snippets of a playbook, and what is said of them; null: they compile. */
const rows: Record<string, [source: string, said: RegExp | null]> = {
  'a list': ['run.play(hosts, () => [motd, ...nightly, ...(when ? [motd] : [])])', null],
  'an empty list': ['run.play(hosts, () => [])', null],
  'lists of roles': [
    'run.play(hosts, { serial: 1 }, () => ({ base: [motd], web: nightly }))',
    null,
  ],
  'a list with facts': [
    'run.play(hosts, { facts: { os } }, ({ name, facts }) => (facts.os && name ? [motd] : []))',
    null,
  ],
  'an async list': [
    'run.play(hosts, async () => [motd])',
    /the function that makes a list may not be async: await what it needs before the play/,
  ],
  'an async list with options': [
    'run.play(hosts, { serial: 1 }, async () => [motd])',
    /the function that makes a list may not be async/,
  ],
  'a list in a list': [
    'run.play(hosts, () => [motd, nightly])',
    /an entry is a list of operations: spread it, \.\.\.timer/,
  ],
  'one operation': [
    'run.play(hosts, () => motd)',
    /a list is expected, not one operation: put it in brackets/,
  ],
  'an entry that is not always there': [
    'run.play(hosts, () => [motd, when && motd])',
    /one that is not always wanted: \.\.\.\(when \? \[entry\] : \[\]\)/,
  ],
  'no list': [
    'run.play(hosts, () => {})',
    /a list of operations is expected, or lists under the names of their roles/,
  ],
  'a declared variable': [
    'run.play(hosts, ({ vars }) => [file({ path: "/x", content: vars.timezone + vars.site.name })])',
    null,
  ],
  'a misspelt variable': [
    'run.play(hosts, ({ vars }) => [file({ path: "/x", content: `${vars.timezon}` })])',
    /Property 'timezon' does not exist .*Did you mean 'timezone'\?/,
  ],
  'a misspelt key of a setting': [
    'run.play(hosts, ({ vars }) => [file({ path: "/x", content: `${vars.site.nam}` })])',
    /Property 'nam' does not exist/,
  ],
  'a variable that may be unset': [
    'run.play(hosts, ({ vars }) => [file({ path: "/x", content: vars.size.toFixed() })])',
    /possibly 'undefined'/,
  ],
}

const formatAll = ({ text, messageChain = [] }: Diagnostic): string =>
  [text, ...messageChain.map(formatAll)].join('\n')

/** What the compiler says of each line of a text, by its number. */
const compile = (text: string): ReadonlyMap<number, string> => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-words-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const config = { extends: join(root, 'tsconfig.json'), include: ['*.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'settings.ts'), settings)
    writeFileSync(join(folder, 'rows.ts'), text)
    return withSource(folder, ({ project }) => {
      const said = new Map<number, string>()
      for (const found of project.program.getSemanticDiagnostics(join(folder, 'rows.ts'))) {
        const line = Buffer.from(text).subarray(0, found.pos).toString().split('\n').length - 1
        said.set(line, `${said.get(line) ?? ''}${formatAll(found)}\n`)
      }
      return said
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const sources = Object.values(rows).map(([source]) => source)
const said = compile([...head.split('\n'), ...sources].join('\n'))
for (const [i, [what, [, expected]]] of Object.entries(rows).entries())
  test(what, () => {
    const found = said.get(head.split('\n').length + i) ?? ''
    if (expected === null) assert.is(found, '')
    else assert.match(found, expected)
  })

test('the lines before the rows compile', () => {
  for (let line = 0; line < head.split('\n').length; line++) assert.is(said.get(line) ?? '', '')
})

test.run()
