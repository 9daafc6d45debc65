import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load } from '../../../lib/inventory/load.ts'
import { select } from '../../../lib/inventory/pattern.ts'

const inventory = await load(fileURLToPath(new URL('../../../hosts.yaml', import.meta.url)))

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
  for (const { name, bucket, hosts } of inventory.environments.values())
    assert.ok(bucket && hosts.length > 0, name)
})

test('each cluster has one manager', () => {
  for (const { name, hosts } of inventory.clusters.values())
    assert.is(hosts.filter(({ manager }) => manager).length, 1, name)
})

test('the agent of Portainer has the version of its server', () => {
  for (const { vars } of select(inventory, 'all'))
    assert.is(vars.images.agent.split(':')[1], vars.images.portainer.split(':')[1])
})

test.run()
