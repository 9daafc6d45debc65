import { isCarried, parseImage } from '../../lib/compose/image.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { type CarryResult, carryImage, findOnNode } from '../../lib/images/carry.ts'
import {
  type DockerClient,
  type DockerImage,
  inspectImage,
} from '../../lib/images/docker-client.ts'
import { filterEligible } from '../../lib/images/eligible-nodes.ts'
import { type ImageNode, openNode } from '../../lib/images/image-node.ts'
import { nameImage, type PlacedImage } from '../../lib/images/recipes.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { askSecret, canAsk } from '../../lib/report/ask.ts'
import { print, say, showProgress } from '../../lib/report/print.ts'
import { Unreachable } from '../../lib/transport/connection.ts'
import { createConnectors } from '../../lib/transport/connector.ts'
import type { Connector } from '../../lib/transport/session.ts'
import { makeStacks } from '../../playbooks/deploy/services.ts'
import { nameLabel } from '../../roles/environment/compose-parts.ts'
import { findManagers } from '../../roles/swarm/settings.ts'
import { filterPlaced, type ImageTask, megabytes, printReference } from './task.ts'

type CarryTask = { readonly of: PlacedImage; readonly ref: string; readonly hosts: readonly Host[] }

/**
 * Copies the images to each node that may run them. A failing node is reported, and the others
 * still get theirs.
 */
export const carryAll = async (task: ImageTask): Promise<number> => {
  const all = await Promise.all(
    listImages(task).map(
      async ([of, ref]): Promise<CarryTask> => ({ of, ref, hosts: await findNodes(task, of) }),
    ),
  )
  const client = await task.client()
  const images = new Map(
    await Promise.all(
      all.map(
        async one => [one, await inspectImage(client, one.ref).catch(explainMissing(one))] as const,
      ),
    ),
  )
  const reach = createConnector(task)
  let code = 0
  for (const [one, image] of images) {
    const ids = new Set<string>()
    for (const host of one.hosts) {
      const done = await runOnNode(task, reach(host), node =>
        task.check ? checkNode(node, image, one) : sendToNode(client, node, image, one),
      ).catch(reportError)
      if (typeof done === 'number') code = Math.max(code, done)
      else if (done) ids.add(done.id)
    }
    if (code === 0 && !task.check) printPin(task, one, [...ids])
  }
  return code
}

const listImages = ({ asked, images }: ImageTask): (readonly [PlacedImage, string])[] => {
  const all = filterPlaced(images).map(of => [of, nameImage(of, asked)] as const)
  const fits = all.filter(([, ref]) => isCarried(ref))
  const other = all.find(one => !fits.includes(one))
  if (!other || (images.length === 0 && fits.length > 0)) return fits
  throw new InputError({
    place: asked.place(`app.images.${other[0]}`),
    message: `${other[1]} is the name of an image in a registry`,
    next:
      `Name a carried image localhost/…, such as localhost/${other[1].split('/').at(-1)}. ` +
      'Nodes then never look for it elsewhere.',
  })
}

/** Finds the servers of the cluster that may run a task with this image. */
const findNodes = async (
  { asked: { entry }, lab }: ImageTask,
  of: PlacedImage,
): Promise<readonly Host[]> => {
  const own = { [nameLabel(entry.name)]: '1' }
  const managers = findManagers(entry.cluster.hosts)
  const nodes = entry.cluster.hosts.map(host => {
    const { name, vars } = host
    const labels = host === entry.server ? { ...vars.labels, ...own } : vars.labels
    return { name, manager: managers.includes(host), labels, host }
  })
  const image = entry.vars.app.images[of]
  const services = (await makeStacks(entry, lab)).flatMap(({ compose }) =>
    Object.values(compose.services),
  )
  const places = services
    .filter(service => service.image === image)
    .map(({ deploy }) => filterEligible(nodes, deploy.placement?.constraints ?? []))
  return nodes.filter(node => places.some(place => place.includes(node))).map(({ host }) => host)
}

const explainMissing =
  ({ of, ref }: CarryTask) =>
  (cause: Error) => {
    throw new Error(
      `${ref} is not on this machine: npx zx scripts/images.ts build ${of}\n  ${cause.message}`,
      { cause },
    )
  }

const createConnector = ({ lab, sudoPassword }: ImageTask) =>
  createConnectors({
    sshConfig: !lab,
    onConnect: () => {},
    ...(sudoPassword ? { sudoPassword } : {}),
    ...(canAsk() ? { ask: question => askSecret(question, 'Add the key to an ssh agent.') } : {}),
  })

/** Runs the work on a node, within the time limit. */
const runOnNode = async <T>(
  { signal, minutes }: ImageTask,
  reach: Connector,
  work: (node: ImageNode) => Promise<T>,
): Promise<T> => {
  const late = new AbortController()
  let node: ImageNode | undefined
  const timer = setTimeout(
    () => late.abort(new Error(`not done within ${minutes} minutes: use a longer --minutes`)),
    minutes * 60_000,
  )
  try {
    node = await openNode(reach, AbortSignal.any([signal, late.signal]))
    return await work(node)
  } finally {
    clearTimeout(timer)
    await node?.close()
  }
}

const checkNode = async (
  node: ImageNode,
  image: DockerImage,
  { ref }: CarryTask,
): Promise<CarryResult | null> => {
  const found = await findOnNode(node, image, ref)
  const what = {
    there: 'has it',
    unnamed: 'has it without its name, which would be added',
    absent: '',
  }
  const absent = `would be carried (${megabytes(image.size)} unpacked)`
  print(`${node.host}: ${ref}: ${found ? what[found.was] : absent}`)
  return found
}

const sendToNode = async (
  client: DockerClient,
  node: ImageNode,
  image: DockerImage,
  { ref }: CarryTask,
): Promise<CarryResult> => {
  const show = createProgress(`${node.host}: ${ref}`, image.size)
  const done = await carryImage(client, node, image, ref, show)
  const what = { there: 'was there', unnamed: 'was there, and was named', absent: 'carried' }
  print(`${node.host}: ${ref}: ${what[done.was]}`)
  return done
}

/** Shows progress: a line every five seconds; on a terminal, one line that is updated in place. */
const createProgress = (what: string, whole: number) => {
  const terminal = process.stderr.isTTY === true
  let last = performance.now()
  return (bytes: number): void => {
    if (performance.now() - last < (terminal ? 500 : 5000)) return
    last = performance.now()
    const percent = Math.min(99, Math.floor((100 * bytes) / whole))
    showProgress(`${what}: ${percent} % of ${megabytes(whole)}`)
  }
}

const printPin = (
  { asked: { entry } }: ImageTask,
  { of, ref }: CarryTask,
  ids: readonly string[],
): void => {
  const { repository, tag } = parseImage(ref)
  if (ids.length === 1) printReference(entry.name, of, `${repository}:${tag}@${ids[0]}`)
  else
    throw new Error(
      `${ref} has ${ids.length} ids on the nodes (${ids.join(', ')}), because their Docker ` +
        'engines store images differently: use one version of Docker, or a registry',
    )
}

const reportError = (error: unknown): number => {
  say(error instanceof Error ? error.message : String(error))
  return error instanceof Unreachable ? 4 : 2
}
