import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FLAGS } from '../lib/cli/flags.ts'
import { readOperations } from '../scripts/docs/read.ts'
import { root } from './support/run-playbook.ts'

const page = readFileSync(`${root}/docs/from-ansible.md`, 'utf8')
const section = (title: string): string =>
  new RegExp(`## ${title}\n([\\s\\S]*?)(?=\n## |$)`).exec(page)?.[1] ?? ''
const operations = readOperations(root).references.map(({ name }) => name)

test('every operation that it names is there, and linked to its own place', () => {
  const links = [...page.matchAll(/\[`([\w.]+)`\]\(operations\.md#([\w-]+)\)/g)]
  assert.ok(links.length > 30)
  for (const [, name = '', anchor] of links) {
    assert.ok(operations.includes(name), `${name} is no operation`)
    assert.is(anchor, name.toLowerCase().replaceAll('.', ''))
  }
})

test('the flags that are called the same are the same', () => {
  const same = section('Flags')
    .split('\n')
    .find(line => line.endsWith('| the same |'))
  const known = Object.entries(FLAGS).flatMap(([name, flag]) => [
    `--${name}`,
    ...('short' in flag ? [`-${flag.short}`] : []),
  ])
  const flags = [...(same ?? '').matchAll(/`(--?[\w-]+)`/g)].map(([, flag = '']) => flag)
  assert.ok(flags.length > 8)
  assert.equal(
    flags.filter(flag => !known.includes(flag)),
    [],
  )
})

test.run()
