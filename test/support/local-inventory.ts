import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A hosts.yaml whose hosts, of these names, are all this machine; removed when the process ends.
 */
export const writeLocalInventory = (...names: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-here-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'hosts.yaml')
  writeFileSync(
    path,
    `all:
  timezone: Etc/UTC
  acme: { email: a@b.example }
  firewall: { admin: [192.0.2.0/24] }
  images: { traefik: 't:1', portainer: 'p:1', agent: 'a:1', loki: 'l:1', alloy: 'a:1', grafana: 'g:1' }
clusters:
  here:
    domain: here.example
    servers:
${names.map((name, i) => `      ${name}: { address: local, port: ${i + 1} }\n`).join('')}`,
  )
  return path
}
