import { InputError } from '../../../lib/errors/input-error.ts'
import { parseInventory } from '../../../lib/inventory/load.ts'
import type { Overlay } from '../../../lib/inventory/overlay.ts'
import { parseInventorySource } from '../../../lib/inventory/read-source.ts'
import { makeSchema } from '../../../lib/inventory/schema.ts'
import { settings } from '../../../settings.ts'

/** What every inventory needs, on line 1. */
export const all =
  'all: {acme: {email: a@b.example}, firewall: {admin: [192.0.2.0/24]}, ' +
  "images: {traefik: 't:1', portainer: 'p:1', agent: 'a:1', loki: 'l:1', " +
  "alloy: 'a:1', grafana: 'g:1'}}\n"

/** Two clusters, five hosts, two environments. */
export const sample = `${all}clusters:
  web:
    domain: web.example
    vars: {site: shop, size: 3}
    servers:
      web1: {address: 192.0.2.1, groups: [edge], vars: {site: shop1}}
      web2: {address: 192.0.2.2}
      web3: {address: 192.0.2.3, user: deploy, timezone: Europe/Moscow}
  db:
    domain: db.example
    servers:
      db1: {address: 192.0.2.11, groups: [edge]}
      db.two: {address: db2.example}
environments:
  stage: {server: web1, hosts: [stage.example], vars: {site: staged}}
  live: {server: db1, hosts: [live.example], bucket: {name: live-assets}}
`

/** What this project's hosts.yaml may hold. */
export const schema = makeSchema(settings)

export const inventory = (text: string, overlay?: Overlay) =>
  parseInventory(parseInventorySource(text, 'hosts.yaml'), { schema, overlay })

/** What the work complains of, a line a problem; no lines when it is content. */
export const complaints = async (work: () => unknown): Promise<string[]> => {
  try {
    await work()
    return []
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.problems.map(({ place, message }) =>
      place === undefined ? message : `${place}: ${message}`,
    )
  }
}
