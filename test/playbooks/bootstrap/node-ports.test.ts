import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { formatRules } from '../../../lib/operations/firewall/rules.ts'
import { listNodePorts } from '../../../playbooks/bootstrap/node-ports.ts'

test('only the servers reach the ports between them, over IPv4 and IPv6', () => {
  const opened = formatRules(listNodePorts(['192.0.2.11', '2001:db8::12']), {})
  const from = [...opened.matchAll(/-A BRD-INPUT -s (\S+) .*--dport (\d+) -j ACCEPT/g)].map(
    ([, source, port]) => `${source} ${port}`,
  )
  assert.equal(
    from.filter(line => !line.endsWith(' 546')),
    ['192.0.2.11/32', '2001:db8::12/128'].flatMap(source =>
      [2377, 7946, 7946, 4789].map(port => `${source} ${port}`),
    ),
  )
})

test('encrypted overlay networks pass between the servers, and from nowhere else', () => {
  const opened = formatRules(listNodePorts(['192.0.2.11']), {})
  assert.equal(
    [...opened.matchAll(/-A BRD-INPUT (.*)-p (?:esp|50) .*-j ACCEPT/g)].map(([, from]) =>
      from?.trim(),
    ),
    ['-s 192.0.2.11/32'],
  )
})

test.run()
