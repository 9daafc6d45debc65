/** Whether the tools of a cluster answer in the lab, by their names, over TLS, through Traefik. */
import type { Cluster } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { getFromLab } from './reach.ts'

export type Answered = {
  readonly url: string
  readonly ok: boolean
  /** What it said, in a few words. */
  readonly says: string
  /** Where its image came from, if that is not a registry. */
  readonly from: string
}

/** The tools, a path that tells whether they are alive, and the status that means it. */
const tools = [
  { name: 'traefik', image: 'traefik', path: '/dashboard/', status: 401 },
  { name: 'portainer', image: 'portainer', path: '/api/system/status', status: 200 },
  { name: 'grafana', image: 'grafana', path: '/api/health', status: 200 },
  { name: 'loki', image: 'loki', path: '/ready', status: 401 },
] as const

/** Asks each tool once. Rejects for nothing that a tool does. */
export const askTools = (cluster: Cluster, lab: LabState): Promise<Answered[]> =>
  Promise.all(
    tools.map(async ({ name, image, path, status }) => {
      const url = `https://${name}.${cluster.vars.domain}`
      const from = describeOrigin(lab, cluster.vars.images[image])
      const answer = await getFromLab(url + path, { timeout: 10_000 }).catch(
        (error: Error) => error,
      )
      if (answer instanceof Error) return { url, ok: false, says: answer.message, from }
      const asks = answer.status === 401 ? 'asks for a password' : `answers ${answer.status}`
      return { url, ok: answer.status === status, says: asks, from }
    }),
  )

/** Where an image of the lab came from: empty for a registry. */
export const describeOrigin = ({ images }: LabState, ref: string): string => {
  const image = images.find(known => known.ref === ref)
  if (!image || image.source === 'registry') return ''
  if (image.standIn) return `a STAND-IN for ${ref}`
  return `${image.version} from ${image.from}`
}
