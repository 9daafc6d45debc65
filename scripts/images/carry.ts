import { isCarried, parsed } from '../../lib/compose/image.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { type Carried, carry, lacking } from '../../lib/images/carry.ts'
import { type Client, type Image, imageHere } from '../../lib/images/client.ts'
import { eligible } from '../../lib/images/eligible.ts'
import { type Node, nodeOf } from '../../lib/images/node.ts'
import { nameOf, type PlacedImage } from '../../lib/images/own.ts'
import type { Host } from '../../lib/inventory/inventory.ts'
import { askSecret, canAsk } from '../../lib/report/ask.ts'
import { Unreachable } from '../../lib/transport/connection.ts'
import { reaches } from '../../lib/transport/connector.ts'
import type { Reach } from '../../lib/transport/session.ts'
import { stacksOf } from '../../playbooks/deploy/services.ts'
import { label } from '../../roles/environment/common.ts'
import { megabytes, onNodes, pin, print, type Task, tell } from './task.ts'

type One = { readonly of: PlacedImage; readonly ref: string; readonly hosts: readonly Host[] }

/**
 * Each node that may run the images has them, under their names. A node that fails is told, and the
 * others still get theirs.
 */
export const carryAll = async (task: Task): Promise<number> => {
  const all = await Promise.all(
    named(task).map(
      async ([of, ref]): Promise<One> => ({ of, ref, hosts: await nodesOf(task, of) }),
    ),
  )
  const client = await task.client()
  const images = new Map(
    await Promise.all(
      all.map(async one => [one, await imageHere(client, one.ref).catch(notHere(one))] as const),
    ),
  )
  const reach = reachesOf(task)
  let code = 0
  for (const [one, image] of images) {
    const ids = new Set<string>()
    for (const host of one.hosts) {
      const done = await onNode(task, reach(host), node =>
        task.check ? check(node, image, one) : send(client, node, image, one),
      ).catch(told)
      if (typeof done === 'number') code = Math.max(code, done)
      else if (done) ids.add(done.id)
    }
    if (code === 0 && !task.check) finish(task, one, [...ids])
  }
  return code
}

const named = ({ asked, images }: Task): (readonly [PlacedImage, string])[] => {
  const all = onNodes(images).map(of => [of, nameOf(of, asked)] as const)
  const fits = all.filter(([, ref]) => isCarried(ref))
  const other = all.find(one => !fits.includes(one))
  if (!other || (images.length === 0 && fits.length > 0)) return fits
  throw new InputError({
    place: asked.place(`app.images.${other[0]}`),
    message: `${other[1]} is the name of an image that a registry has`,
    next: `One that is carried is named localhost/…, such as localhost/${other[1].split('/').at(-1)}. Nodes then look for it nowhere else.`,
  })
}

/** The servers of the cluster that a task with this image may be placed on. */
const nodesOf = async (
  { asked: { entry }, lab }: Task,
  of: PlacedImage,
): Promise<readonly Host[]> => {
  const own = { [label(entry.name)]: '1' }
  const nodes = entry.cluster.hosts.map(host => {
    const { name, manager, labels } = host
    return { name, manager, labels: host === entry.server ? { ...labels, ...own } : labels, host }
  })
  const image = entry.vars.app.images[of]
  const services = (await stacksOf(entry, lab)).flatMap(({ compose }) =>
    Object.values(compose.services),
  )
  const places = services
    .filter(service => service.image === image)
    .map(({ deploy }) => eligible(nodes, deploy.placement?.constraints ?? []))
  return nodes.filter(node => places.some(place => place.includes(node))).map(({ host }) => host)
}

const notHere =
  ({ of, ref }: One) =>
  (cause: Error) => {
    throw new Error(
      `${ref} is not on this machine: npx zx scripts/images.ts build ${of}\n  ${cause.message}`,
      { cause },
    )
  }

const reachesOf = ({ lab, sudoPassword }: Task) =>
  reaches({
    sshConfig: !lab,
    connected: () => {},
    ...(sudoPassword ? { sudoPassword } : {}),
    ...(canAsk() ? { ask: question => askSecret(question, 'Add the key to an ssh agent.') } : {}),
  })

/** Does something on a node, within the time that it is given. */
const onNode = async <T>(
  { signal, minutes }: Task,
  reach: Reach,
  work: (node: Node) => Promise<T>,
): Promise<T> => {
  const late = new AbortController()
  let node: Node | undefined
  const timer = setTimeout(
    () => late.abort(new Error(`not done within ${minutes} minutes: --minutes gives it more`)),
    minutes * 60_000,
  )
  try {
    node = await nodeOf(reach, AbortSignal.any([signal, late.signal]))
    return await work(node)
  } finally {
    clearTimeout(timer)
    await node?.close()
  }
}

const check = async (node: Node, image: Image, { ref }: One): Promise<Carried | null> => {
  const found = await lacking(node, image, ref)
  const what = {
    there: 'has it',
    unnamed: 'has it under another name: it would be named',
    absent: '',
  }
  print(
    `${node.host}: ${ref}: ${found ? what[found.was] : `would be carried (${megabytes(image.size)} unpacked)`}`,
  )
  return found
}

const send = async (client: Client, node: Node, image: Image, { ref }: One): Promise<Carried> => {
  const show = progress(`${node.host}: ${ref}`, image.size)
  const done = await carry(client, node, image, ref, show)
  const what = { there: 'was there', unnamed: 'was there, and got its name', absent: 'carried' }
  print(`${node.host}: ${ref}: ${what[done.was]}`)
  return done
}

/** At most one line in five seconds; on a terminal one that is written over, more often. */
const progress = (what: string, whole: number) => {
  const terminal = process.stderr.isTTY === true
  let last = performance.now()
  return (bytes: number): void => {
    if (performance.now() - last < (terminal ? 500 : 5000)) return
    last = performance.now()
    const line = `${what}: ${Math.min(99, Math.floor((100 * bytes) / whole))} % of ${megabytes(whole)}`
    process.stderr.write(terminal ? `\r${line}\x1b[K\r` : `${line}\n`)
  }
}

const finish = ({ asked: { entry } }: Task, { of, ref }: One, ids: readonly string[]): void => {
  const { repository, tag } = parsed(ref)
  if (ids.length === 1) pin(entry.name, of, `${repository}:${tag}@${ids[0]}`)
  else
    throw new Error(
      `the nodes call ${ref} by ${ids.length} ids (${ids.join(', ')}), since their Docker engines keep images in different ways: give them one version, or a registry`,
    )
}

const told = (error: unknown): number => {
  tell(error instanceof Error ? error.message : String(error))
  return error instanceof Unreachable ? 4 : 2
}
