import { isIP } from 'node:net'

/** IPv4 or IPv6. */
export type Family = 4 | 6

/** Writes an address or a range as ufw does: its first address, IPv6 in the short form. */
export const normalizeRange = (range: string | undefined): string | undefined => {
  const [address = '', bits] = range?.split('/') ?? []
  if (range === undefined || parseFamily(range) === 0) return range
  const first = findFirst(address, bits === undefined ? undefined : Number(bits))
  return bits === undefined ? first : `${first}/${Number(bits)}`
}

/** The first address of the network of an address. */
const findFirst = (address: string, bits: number | undefined): string => {
  if (isIP(address) === 4) {
    const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    const size = 2 ** (32 - (bits ?? 32))
    const first = Math.floor(number / size) * size
    return [24, 16, 8, 0].map(shift => Math.floor(first / 2 ** shift) % 256).join('.')
  }
  const groups = expandGroups(shortenAddress(address)).map((group, i) => {
    const left = Math.min(16, Math.max(0, (bits ?? 128) - i * 16))
    return (group & (0xffff << (16 - left)) & 0xffff).toString(16)
  })
  return shortenAddress(groups.join(':'))
}

const shortenAddress = (address: string): string =>
  new URL(`http://[${address}]`).hostname.slice(1, -1)

const expandGroups = (address: string): readonly number[] => {
  const [head = [], tail = []] = address.split('::').map(part =>
    part
      .split(':')
      .filter(Boolean)
      .map(group => Number.parseInt(group, 16)),
  )
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}

/** The family of an address or a range; 0 if it is neither, or a range of one address. */
export const parseFamily = (address: string): 0 | Family => {
  const [plain = '', bits, more] = address.split('/')
  const family = isIP(plain) as 0 | Family
  const whole =
    bits === undefined || (/^\d+$/.test(bits) && Number(bits) < (family === 4 ? 32 : 128))
  return more === undefined && whole ? family : 0
}
