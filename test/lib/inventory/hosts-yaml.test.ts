import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { selectHosts } from '../../../lib/inventory/pattern.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import { requireSettings } from '../../../lib/inventory/require-settings.ts'
import { findManagers } from '../../../roles/swarm/settings.ts'
import { settings } from '../../../settings.ts'

const inventory = await loadProject(findProject(import.meta.dirname))

test('every setting that a role requires is set', () =>
  requireSettings([...inventory.hosts.values(), ...inventory.environments.values()], settings))

test('hosts.yaml has the clusters, servers and environments of the scheme', () => {
  const servers = [...inventory.clusters.values()].map(({ title, hosts }) => [
    title,
    ...hosts.map(({ name }) => name),
  ])
  assert.equal(servers, [
    ['BRD infra old', 'old-one', 'old-two'],
    ['BRD new prod', 'new-prod'],
    ['BRD infra stage', 'infra-stage'],
  ])
  const placed = [...inventory.environments.values()].map(({ name, server, cluster }) => [
    name,
    server.name,
    cluster.name,
  ])
  assert.equal(placed, [
    ['stage', 'old-one', 'brd-infra-old'],
    ['feature', 'old-one', 'brd-infra-old'],
    ['old-prod', 'old-two', 'brd-infra-old'],
    ['new-prod-env', 'new-prod', 'brd-new-prod'],
  ])
})

test('every environment has a bucket and a host name', () => {
  for (const { name, vars } of inventory.environments.values())
    assert.ok(vars.bucket.name && vars.hosts.length > 0, name)
})

test('each cluster has one manager', () => {
  for (const { name, hosts } of inventory.clusters.values())
    assert.is(findManagers(hosts).length, 1, name)
})

test('the agent of Portainer has the version of its server', () => {
  for (const { vars } of selectHosts(inventory, 'all'))
    assert.is(vars.images.agent.split(':')[1], vars.images.portainer.split(':')[1])
})

test.run()
