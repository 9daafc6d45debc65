import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../lib/errors/input-error.ts'
import type { KnownRoles } from '../../lib/operation/value-type.ts'
import type { Role } from '../../lib/role.ts'
import { base } from '../../roles/base.ts'

const folder = new URL('../../roles/', import.meta.url)
const { roles } = JSON.parse(readFileSync(new URL('options.json', folder), 'utf8')) as KnownRoles

const message = (work: () => unknown): string => {
  try {
    work()
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message
  }
}

test('each role is called by the name of its file, and options.json has all of them', () => {
  const files = readdirSync(folder).flatMap(name => /^(.*)\.ts$/.exec(name)?.[1] ?? [])
  assert.equal(Object.keys(roles).sort(), files.sort())
})

for (const name of Object.keys(roles))
  test(`${name} refuses an option that it does not have`, async () => {
    const module = (await import(new URL(`${name}.ts`, folder).href)) as Record<string, unknown>
    const role = module[name] as Role<string, { readonly zzzzzzzz: 1 }, unknown>
    assert.is(role.role, name)
    assert.match(
      message(() => role({ zzzzzzzz: 1 })),
      new RegExp(`^${name}: there is no option zzzzzzzz\n {2}it takes `),
    )
  })

test('what base() is given is looked at, also inside', () => {
  const untyped = base as (options: unknown) => unknown
  const said = (options: unknown) => message(() => untyped(options))
  assert.is(
    said({ opertors: [] }),
    'base: there is no option opertors; did you mean "operators"?\n  it takes name, timezone, ' +
      'operators, formerOperators, ssh, firewall, sysctl, unattended, journal, packages',
  )
  assert.match(
    said({ operators: { anna: { keys: 'ssh-ed25519 AAAA' } } }),
    /^base: operators\.anna\.keys: "ssh-ed25519 AAAA" is not possible\n {2}write \[/,
  )
  assert.match(said({ ssh: { prot: 22 } }), /there is no option ssh\.prot; did you mean "port"\?/)
  assert.match(said({ ssh: { port: 70_000 } }), /^base: ssh\.port: 70000 is not possible\n/)
})

test.run()
