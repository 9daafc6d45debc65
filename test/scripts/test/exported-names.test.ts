import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { exportedNames, findSharedNames } from '../../../scripts/test/exported-names.ts'

const found = (modules: Record<string, string>): string[] =>
  findSharedNames(new Map(Object.entries(modules)))

test('reads what a module declares and exports', () => {
  const source = [
    'export const a = 1',
    'export async function b() {}',
    'export type C<T> = T',
    'export interface D {}',
    'export class E {}',
    "export { f } from './f.ts'",
    'const g = 1',
  ]
  assert.equal([...exportedNames(source.join('\n'))], ['a', 'b', 'C', 'D', 'E'])
})

test('finds a name that two modules export', () =>
  assert.equal(found({ 'lib/a.ts': 'export const x = 1', 'scripts/b.ts': 'export type x = 1' }), [
    'x: exported by lib/a.ts, scripts/b.ts',
  ]))

test('finds a name that an operation and a part of a role export', () =>
  assert.is(
    found({
      'lib/operations/redis.ts': 'export const redis = 1',
      'roles/environment/redis.ts': 'export const redis = 1',
    }).length,
    1,
  ))

test('allows an operation, a role and a fact of one name', () =>
  assert.equal(
    found({
      'lib/operations/docker.ts': 'export const docker = 1',
      'roles/docker.ts': 'export const docker = 1',
      'lib/run/facts/software.ts': 'export const docker = 1',
    }),
    [],
  ))

test('allows parts of operations, and names that are passed on', () =>
  assert.equal(
    found({
      'lib/operations/apt/packages.ts': 'export const packages = 1',
      'lib/operations/npm/packages.ts': 'export const packages = 1',
      'lib/a.ts': 'export const x = 1',
      'lib/b.ts': "export { x } from './a.ts'",
    }),
    [],
  ))

test.run()
