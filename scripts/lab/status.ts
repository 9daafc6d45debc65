/** The lab as it is now, in lines for a person. */

import { type LabState, readLabState } from '../../lib/inventory/lab-state.ts'
import { consequences } from './capabilities.ts'
import { findAnsweringEngine, isUsersEngine, type LabDocker } from './engine.ts'
import { readHostStatus } from './host.ts'
import { readHolder } from './lock.ts'
import { hostAddresses, hostNames, infraAddress, s3Address } from './network.ts'

/** One line a fact: engine, services, hosts, names, images, and what the kernel lacks. */
export const describeLab = async (): Promise<string[]> => {
  const busy = [await readHolder('lab'), await readHolder('images')].filter(found => found !== null)
  const docker = await findAnsweringEngine()
  const state = await readLabState()
  return [
    ...busy.map(({ action, pid }) => `busy      \`${action}\`, process ${pid}`),
    `engine    ${await describeEngine(docker)}`,
    ...(docker ? await listContainers(docker) : []),
    ...(state ? listFacts(state) : ['the lab is not up: npx zx scripts/lab.ts up']),
  ]
}

const listContainers = (docker: LabDocker) =>
  Promise.all(
    Object.entries({ infra: infraAddress, s3: s3Address, ...hostAddresses }).map(
      async ([name, address]) =>
        name.padEnd(12) + address.padEnd(14) + ((await readHostStatus(docker, name)) ?? 'absent'),
    ),
  )

const listFacts = (state: LabState) => [
  `registry  ${state.mirror}`,
  `ACME      ${state.acme.server}`,
  ...Object.entries(state.s3?.environments ?? {}).map(
    ([name, { endpoint, bucket }]) => `bucket    ${bucket} of ${name}: ${endpoint}`,
  ),
  ...Object.entries(state.names).map(
    ([name, address]) => `name      *.${name} is ${findHost(address)}`,
  ),
  ...state.images.map(
    ({ ref, from, standIn }) => `image     ${ref}: ${standIn ? 'STAND-IN, ' : ''}${from}`,
  ),
  ...Object.entries(consequences).flatMap(([name, text]) =>
    state.capabilities[name as keyof typeof consequences] ? [] : [`kernel    ${text}`],
  ),
]

const findHost = (address: string) =>
  hostNames.find(name => hostAddresses[name] === address) ?? address

const describeEngine = async (docker: LabDocker | null): Promise<string> => {
  if (!docker) return 'none answers'
  return (await isUsersEngine()) ? "this machine's own" : "the lab's own"
}
