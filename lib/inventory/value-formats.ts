import { BlockList, isIP } from 'node:net'
import * as z from 'zod'

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * Whether it can be a DNS name: labels of letters, digits and dashes, the last one not a number
 * (192.0.2.300 is not a name).
 */
export const isDnsName = (text: string) => {
  const labels = text.split('.')
  return (
    text.length <= 253 &&
    labels.every(part => label.test(part)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  )
}

/** Whether it is a network such as 192.0.2.0/24 or 2001:db8::/32. Host bits may be set. */
export const isCidr = (text: string) => {
  const [address = '', bits = '', ...rest] = text.split('/')
  const family = isIP(address)
  return (
    rest.length === 0 &&
    family > 0 &&
    /^\d{1,3}$/.test(bits) &&
    Number(bits) <= (family === 4 ? 32 : 128)
  )
}

/** A test of whether an IP address lies in a network; nothing lies in a malformed one. */
export const matchNetwork = (cidr: string) => {
  const [network = '', bits] = cidr.split('/')
  const family = isIP(network)
  const list = new BlockList()
  if (isCidr(cidr)) list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return (address: string) =>
    isIP(address) === family && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

const isTimezone = (name: string) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name })) && !/^[+-]/.test(name)
  } catch {
    return false
  }
}

// Docker takes a first word without a dot or a port for a name on Docker Hub; `localhost` alone is
// that of carried images.
const isRegistryHost = (text: string) => {
  const [host = '', port] = text.split(':')
  return (
    (isIP(host) > 0 || isDnsName(host)) &&
    (port === undefined ? host.includes('.') : /^\d{1,5}$/.test(port))
  )
}

const text = z.string().min(1, 'is empty')

/** The type of a text whose form its check proves, such as `512M`. */
export const narrow = <T extends string>(type: z.ZodType<string>): z.ZodType<T> =>
  type as unknown as z.ZodType<T>
const publicKey = /^(sk-)?(ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]{40,}={0,3}( .*)?$/
const image =
  /^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(@sha256:[a-f0-9]{64})?|@sha256:[a-f0-9]{64})$/

/** An IP address or a DNS name. */
export const address = text.refine(
  it => isIP(it) > 0 || isDnsName(it),
  'is neither an IP address nor a DNS name',
)
/** A DNS name. */
export const dnsName = text.refine(isDnsName, 'is not a DNS name')
/** A network. */
export const cidr = text.refine(
  isCidr,
  'is not a network such as 192.0.2.0/24 (a single address is 192.0.2.7/32)',
)
/** A TCP port. */
export const port = z
  .int('is not a whole number')
  .min(1, 'is not a port (1 to 65535)')
  .max(65535, 'is not a port (1 to 65535)')
/** A name of the IANA time zone database. */
export const timeZone = text.refine(
  isTimezone,
  'is not a time zone of the IANA database, such as Europe/Moscow',
)
/** An http or https address. */
export const url = text.refine(
  it => URL.canParse(it) && /^https?:/.test(it),
  'is not an http:// or https:// address',
)
/** An image with its tag or digest. */
export const imageRef = narrow<`${string}:${string}`>(
  text.refine(it => image.test(it), 'is not an image with a tag or a digest, such as traefik:3.7'),
)
/** The host of a registry, as names of images begin with it. */
export const registryHost = text
  .refine(it => !it.includes('/'), 'is not the host of a registry alone: no https://, no path')
  .refine(
    it => it.includes('/') || isRegistryHost(it),
    'is not the host of a registry, such as registry.example or registry.example:5000',
  )
/** A line of authorized_keys. */
export const sshKey = text
  .refine(
    it => !it.includes('PRIVATE KEY'),
    'is a PRIVATE key: take it out of this file, give the .pub line',
  )
  .refine(
    it => it.includes('PRIVATE KEY') || publicKey.test(it),
    'is not a public key line, such as "ssh-ed25519 AAAA… name"',
  )
/** A name for a cluster, server, group or environment: no sign that a pattern uses. */
export const name = text.regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  'is not a name: letters, digits, dots, dashes and underscores',
)
/**
 * A name that is a key. A number would come before all others, whatever the order of the file, and
 * the first server of a cluster manages its swarm.
 */
export const keyName = name.refine(
  it => !/^\d+$/.test(it),
  'is a number, and not a name: put letters before it, such as web1',
)
/** A Linux user. */
export const userName = text.regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'is not the name of a Linux user')
/** Any text that is not empty. */
export const words = text
