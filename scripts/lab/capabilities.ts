/**
 * What this machine's kernel lacks, found by trying it in a network that is removed afterwards.
 */

import { tryLocal } from '../../lib/images/local-command.ts'
import { type Capabilities, readLabState } from '../../lib/inventory/lab-state.ts'
import { buildLabImage } from './build.ts'
import { findEngine } from './engine.ts'
import type { LabDocker } from './images/types.ts'
import { label } from './network.ts'

/** What the kernel has: as found at the last `up`, else tried now. */
export const readCapabilities = async (): Promise<Capabilities> => {
  const state = await readLabState()
  if (state) return state.capabilities
  const docker = await findEngine()
  return await probeKernel(docker, await buildLabImage('host', docker, () => {}))
}

/** What the kernel has, tried in a container of this image. */
export const probeKernel = async (docker: LabDocker, image: string): Promise<Capabilities> => {
  const said = await docker([
    'run',
    '--rm',
    '--network',
    'none',
    '--cap-add',
    'NET_ADMIN',
    '--label',
    label,
    '--entrypoint',
    'sh',
    image,
    '-c',
    trial,
  ])
  return {
    ipvs: said.includes('ipvs') || (await isLoadable('ip_vs')),
    esp: said.includes('esp'),
    netem: said.includes('netem'),
  }
}

/** What the lack of each means, for `status`. */
export const consequences = {
  ipvs:
    'no IPVS: services by `endpoint_mode: dnsrr` and host ports only; ' +
    'virtual addresses and the ingress mesh carry nothing',
  esp: 'no ESP: encrypted overlay networks are created and carry nothing between nodes',
  netem: 'no netem: tests cannot add delay or loss (rate limits work)',
} as const satisfies Record<keyof Capabilities, string>

const trial = `
[ -e /proc/net/ip_vs ] && echo ipvs
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 1 mode transport \
aead 'rfc4106(gcm(aes))' 0x0123456789abcdef0123456789abcdef01234567 128 && echo esp
tc qdisc add dev lo root netem delay 1ms && echo netem
true`

// Docker's engine loads this one itself where the kernel has it as a module.
const isLoadable = async (module: string) => (await tryLocal(['modinfo', module])) !== null
