/** The lab as it is now, in lines for a person. */

import { type LabState, readLabState } from '../../lib/inventory/lab-state.ts'
import { consequences } from './capabilities.ts'
import { answering, type Docker, isUsers } from './engine.ts'
import { status } from './host.ts'
import { holder } from './lock.ts'
import { addresses, hostNames, infra, s3 } from './network.ts'

/** One line a fact: engine, services, hosts, names, images, and what the kernel lacks. */
export const describeLab = async (): Promise<string[]> => {
  const busy = [await holder('lab'), await holder('images')].filter(found => found !== null)
  const docker = await answering()
  const state = await readLabState()
  return [
    ...busy.map(({ action, pid }) => `busy      \`${action}\`, process ${pid}`),
    `engine    ${docker ? ((await isUsers()) ? "this machine's own" : "the lab's own") : 'none answers'}`,
    ...(docker ? await containers(docker) : []),
    ...(state ? facts(state) : ['the lab is not up: npx zx scripts/lab.ts up']),
  ]
}

const containers = (docker: Docker) =>
  Promise.all(
    Object.entries({ infra, s3, ...addresses }).map(
      async ([name, address]) =>
        `${name.padEnd(12)}${address.padEnd(14)}${(await status(docker, name)) ?? 'absent'}`,
    ),
  )

const facts = (state: LabState) => [
  `registry  ${state.mirror}`,
  `ACME      ${state.acme.server}`,
  ...Object.entries(state.s3?.environments ?? {}).map(
    ([name, { endpoint, bucket }]) => `bucket    ${bucket} of ${name}: ${endpoint}`,
  ),
  ...Object.entries(state.names).map(
    ([name, address]) => `name      *.${name} is ${hostOf(address)}`,
  ),
  ...state.images.map(
    ({ ref, from, standIn }) => `image     ${ref}: ${standIn ? 'STAND-IN, ' : ''}${from}`,
  ),
  ...Object.entries(consequences).flatMap(([name, text]) =>
    state.capabilities[name as keyof typeof consequences] ? [] : [`kernel    ${text}`],
  ),
]

const hostOf = (address: string) => hostNames.find(name => addresses[name] === address) ?? address
