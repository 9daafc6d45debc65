/**
 * The images of the inventory in the lab's registry, under the names that a mirror of Docker Hub
 * gives them.
 */
import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import { loadProject } from '../../lib/inventory/load-project.ts'
import { findProject } from '../../lib/inventory/project.ts'
import { catalogue, provide, tidyUp, workloads } from './images/index.ts'
import type { LabDocker, Provided } from './images/types.ts'
import { infraAddress, pushPort } from './network.ts'
import { getFromLab } from './reach.ts'

/** Where the registry answers for the hosts. */
export const mirror = `http://${infraAddress}:5000`

/** A Docker Hub name as a mirror has it: `traefik:v3` is `library/traefik:v3`. */
export const nameInMirror = (ref: string): string => {
  const short = ref.replace(/^docker\.io\//, '')
  return short.includes('/') ? short : `library/${short}`
}

/** The engine has the images of the clusters' tools; the registry is not needed for that. */
export const provideTools = (docker: LabDocker, say: Say): Promise<Provided[]> =>
  provide({ docker, cache: labPath('images'), say, refs: catalogue })

/** The engine has the images of environments, those that can be had. */
export const provideOthers = async (docker: LabDocker, say: Say): Promise<Provided[]> => {
  const others = new Set([...workloads, ...(await listInventoryImages())])
  for (const ref of catalogue) others.delete(ref)
  const provided: Provided[] = []
  for (const ref of others)
    provided.push(
      ...(await provide({ docker, cache: labPath('images'), say, refs: [ref] }).catch(
        reportLacking(ref, say),
      )),
    )
  if (provided.length === others.size) await tidyUp(labPath('images'), provided)
  return provided
}

/** The registry has the images. What it already has is not sent again. */
export const publish = async (
  docker: LabDocker,
  provided: readonly Provided[],
  say: Say,
): Promise<void> => {
  for (const { ref, image } of provided) await push(docker, image, nameInMirror(ref), say)
}

// A missing image does not stop the others: what needs it reports it.
const reportLacking = (ref: string, say: Say) => (error: Error) => {
  say(`${ref} cannot be had here: ${error.message}`)
  return []
}

/** The images that the inventory names for clusters and environments. */
const listInventoryImages = async (): Promise<string[]> => {
  const { clusters, environments } = await loadProject(findProject(import.meta.dirname))
  const tools = [...clusters.values()].flatMap(({ vars }) => Object.values(vars.images))
  const apps = [...environments.values()].flatMap(({ vars }) => Object.values(vars.app.images))
  return [...tools, ...apps].filter(ref => ref !== undefined)
}

/** The registry has the image under this name. */
export const push = async (
  docker: LabDocker,
  image: string,
  name: string,
  say: Say,
): Promise<void> => {
  const id = (await docker(['image', 'inspect', '--format', '{{.Id}}', image])).trim()
  if ((await readStoredId(name)) === id) return
  say(`${name}: into the registry`)
  const target = `127.0.0.1:${pushPort}/${name}`
  await docker(['tag', image, target])
  try {
    await docker(['push', '--quiet', target])
  } finally {
    await docker(['rmi', '--no-prune', target])
  }
}

// The digest of an image's configuration is its id in every engine.
const readStoredId = async (name: string): Promise<string | null> => {
  const { status, body } = await fetchManifest(name)
  return status === 200 ? (JSON.parse(body).config?.digest ?? null) : null
}

/** Reads the digest under which the registry serves an image. Throws if the name is unknown. */
export const readServedDigest = async (ref: string): Promise<string> => {
  const { status, headers } = await fetchManifest(nameInMirror(ref))
  const digest = headers['docker-content-digest']
  if (status !== 200 || typeof digest !== 'string')
    throw new Error(`${ref} is not in the lab's registry: npx zx scripts/lab.ts up`)
  return digest
}

const fetchManifest = (name: string) => {
  const [repository, tag = 'latest'] = name.split(/:(?=[^/]*$)/)
  const accept =
    'application/vnd.docker.distribution.manifest.v2+json, ' +
    'application/vnd.oci.image.manifest.v1+json'
  return getFromLab(`${mirror}/v2/${repository}/manifests/${tag}`, { headers: { accept } })
}
