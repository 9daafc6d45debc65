import { isIPv6 } from 'node:net'
import { type Entry, findClashes, type InventoryFile } from './inventory-file.ts'

/** Finds servers that are reached at one address and port, however these are written. */
export const checkAddresses = ({ all, problem, clusters, servers }: InventoryFile) => {
  const above = new Map(clusters.map(({ path, entry }) => [path.join('\0'), entry['port']]))
  const port = ({ path, entry }: Entry) =>
    entry['port'] ?? above.get(path.slice(0, 2).join('\0')) ?? all['port'] ?? 22
  return findClashes(
    servers.filter(({ entry }) => typeof entry['address'] === 'string'),
    server => `${normalizeAddress(String(server.entry['address']))} ${port(server)}`,
    ({ path, entry }, first) =>
      problem(
        [...path, 'address'],
        `${entry['address']} is the address of ${first.name} too` +
          (entry['address'] === first.entry['address'] ? '' : `, as ${first.entry['address']}`),
      ),
  )
}

/**
 * One spelling of an address: names in lower case without a dot at the end, IPv6 as RFC 5952 writes
 * it, an IPv4 address inside IPv6 as IPv4.
 */
export const normalizeAddress = (address: string): string => {
  if (!isIPv6(address)) return address.toLowerCase().replace(/\.$/, '')
  const [plain = '', zone] = address.split('%')
  const written = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(written) ?? []
  if (high !== undefined && low !== undefined)
    return [high, low]
      .flatMap(part => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255])
      .join('.')
  return zone === undefined ? written : `${written}%${zone}`
}
