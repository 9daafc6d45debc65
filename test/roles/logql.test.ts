/** Each query of each dashboard is LogQL: read by the grammar of Loki's own publishers. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parser } from '@grafana/lezer-logql'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { renderDashboard } from '../../roles/environment/dashboard.ts'

/** What of a query is no LogQL: the text from each place that the grammar does not accept. */
const mistakes = (query: string): string[] => {
  const found: string[] = []
  parser.parse(query).iterate({
    enter: ({ type, from }) => {
      if (type.isError) found.push(`at ${from}: ${query.slice(from, from + 20)}`)
    },
  })
  return found
}

/** All queries below this part of a dashboard, as Grafana sends them: its variables have values. */
const queries = (part: unknown): string[] => {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, value]) => {
    const isQuery =
      (key === 'expr' || key === 'stream') && typeof value === 'string' && value !== ''
    return isQuery
      ? [value.replaceAll('$__auto', '5m').replaceAll(/\$(\w+)/g, '$1')]
      : queries(value)
  })
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(path => join(folder, path))

/** The dashboards in files of roles, and those that roles make. */
const dashboards: Record<string, unknown> = {
  ...Object.fromEntries(
    filesOf('roles')
      .filter(path => path.endsWith('.json'))
      .map(path => [path, JSON.parse(readFileSync(path, 'utf8'))] as const)
      .filter(([, { panels }]) => Array.isArray(panels)),
  ),
  'of an environment': JSON.parse(renderDashboard({ name: 'stage', hosts: ['stage.brd.example'] })),
}

const counts = { 'roles/grafana/logs.json': 4, 'of an environment': 8 }
test('no dashboard is overlooked, nor a query', () =>
  assert.equal(
    Object.fromEntries(Object.entries(dashboards).map(([name, of]) => [name, queries(of).length])),
    counts,
  ))

for (const [name, of] of Object.entries(dashboards))
  for (const query of queries(of))
    test(`${name}: ${query}`, () => assert.equal(mistakes(query), []))

const bad = [
  'sum by (class (count_over_time({a="b"}[5m]))',
  'sum (count_over_time({a="b"}))',
  'quantil_over_time(0.95, {a="b"} | json | unwrap seconds [5m]) by ()',
  '{a="b"} | jsonn',
  '{a="b"} |= word',
  '{a="b"} | json | status >= 500 or',
  '{a="b"',
]
for (const query of bad)
  test(`a mistake is found: ${query}`, () => assert.ok(mistakes(query).length > 0))

test('a mistake in a panel is found', () => {
  const broken = renderDashboard({ name: 'stage', hosts: [] }).replace(
    '| json | level',
    '| jason | level',
  )
  assert.is(queries(JSON.parse(broken)).flatMap(mistakes).length > 0, true)
})

test.run()
