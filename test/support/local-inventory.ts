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
clusters:
  here:
    servers:
${names.map((name, i) => `      ${name}: { address: local, port: ${i + 1} }\n`).join('')}`,
  )
  return path
}
