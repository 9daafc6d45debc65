/** The lists that raise a cluster: what their roles are given is what these take. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../../lib/inventory/inventory.ts'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import type { Operation } from '../../../lib/operation.ts'
import type { Run } from '../../../lib/run/run.ts'
import { Secret } from '../../../lib/secret.ts'
import { bootstrap } from '../../../playbooks/bootstrap/cluster.ts'

type Lists = Readonly<Record<string, readonly Operation[]>>

const folder = mkdtempSync(join(tmpdir(), 'brdtest-lists-'))
writeFileSync(join(folder, 'root.pem'), 'an authority')
test.after(() => rmSync(folder, { recursive: true, force: true }))
const lab = {
  network: { mtu: 1400 },
  images: [],
  acme: { root: join(folder, 'root.pem') },
  capabilities: { esp: true },
}

const inventory = await loadProject(findProject(import.meta.dirname))

/** A run that makes the lists and plays none. `made` are their operations, by host and role. */
const makeRun = (ofLab: typeof lab | null) => {
  const made: string[] = []
  const play = async (hosts: readonly Host[], list: (host: Host) => Lists) => {
    for (const host of hosts)
      for (const [name, ops] of Object.entries(list(host)))
        made.push(...ops.map(({ id }) => `${host.name} ${name} ${id}`))
    return { ok: hosts, failed: [], changed: [] }
  }
  const run = {
    ...{ lab: ofLab, inventory, play, mode: 'apply', note: () => {} },
    hmac: () => '0'.repeat(64),
    secret: async (name: string) => new Secret(`the value of ${name}`, name),
    find: async () => null,
    secondLogin: async () => {},
  }
  return { run: run as unknown as Run, made }
}

for (const cluster of new Set([...inventory.hosts.values()].map(host => host.cluster)))
  for (const [name, ofLab] of [
    ['on real servers', null],
    ['in the lab', lab],
  ] as const)
    test(`${cluster.title}: its roles take what they are given ${name}`, async () => {
      const { run, made } = makeRun(ofLab)
      await bootstrap(run, cluster)
      for (const tool of ['traefik', 'portainer', 'loki', 'grafana'])
        assert.ok(
          made.some(line => line.includes(` ${tool} stack ${tool}`)),
          tool,
        )
    })

test.run()
