import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { KnownRoles, KnownValues } from '../../../lib/operation/value-type.ts'
import { runDocs as docs, inDocsProject as inProject } from '../../support/docs-project.ts'

const copies = ['tsconfig.json', 'lib']
const page = `import { file } from '../lib/operations/file.ts'
import { role } from '../lib/role.ts'

type Page = { readonly text: string; readonly mode?: 'dark' | 'light' }
export const page = role(
  import.meta,
  'page',
  ({ text, mode = 'dark' }: Page) => [file({ path: '/srv/page', content: mode + text })],
)
`
const mine = `import { role } from '../lib/role.ts'
const own = role(import.meta, 'own', (_: { readonly port?: number }) => [])
own({ port: 80 })
`
const read = <T>(root: string, path: string): T =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as T

test('roles are described beside their files, in roles/ and elsewhere; calls with operations', () =>
  inProject(
    { 'roles/page.ts': page, 'playbooks/mine.ts': mine },
    root => {
      const { code, said } = docs(root)
      assert.is(code, 0, said)
      assert.equal(read<KnownRoles>(root, 'roles/options.json'), {
        types: {
          Page: { options: { text: 'text', 'mode?': { is: ['dark', 'light'] } } },
        },
        roles: { page: { type: 'Page' } },
      })
      assert.equal(read<KnownRoles>(root, 'playbooks/options.json').roles, {
        own: { options: { 'port?': { number: [1, 65_535] } } },
      })
      const { calls } = read<KnownValues>(root, 'lib/operations/options.json')
      assert.ok(Object.keys(calls).includes('run.until'), Object.keys(calls).join(' '))
      assert.is(docs(root, '--check').code, 0)
      writeFileSync(join(root, 'roles/page.ts'), page.replace("'light'", "'bright'"))
      const stale = docs(root, '--check')
      assert.is(stale.code, 1)
      assert.match(stale.said, /^roles\/options\.json out of date with the source/m)
    },
    copies,
  ))

test('two roles of one name in a folder are an error', () =>
  inProject(
    { 'roles/page.ts': page, 'roles/other.ts': page },
    root => {
      const { code, said } = docs(root)
      assert.is(code, 1)
      assert.match(said, /roles has two roles with the name page/)
    },
    copies,
  ))

test.run()
