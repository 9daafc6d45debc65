/** What the lab tells others: the file that `--lab` lays over hosts.yaml. */
import { rm } from 'node:fs/promises'
import * as z from 'zod'
import { isThere } from '../disk/presence.ts'
import { writeWhole } from '../disk/write-whole.ts'
import { InputError } from '../errors/input-error.ts'
import { readTextFile } from '../errors/read-text.ts'
import { labPath } from './lab-home.ts'

/** Where an image's bytes came from; the order of the words is the order of preference. */
export const imageSources = ['registry', 'debian', 'pypi', 'npm', 'go', 'stand-in'] as const
export type ImageSource = (typeof imageSources)[number]

const image = z.object({
  ref: z.string(),
  image: z.string(),
  source: z.enum(imageSources),
  version: z.string(),
  standIn: z.boolean(),
  from: z.string(),
})

/** What this kernel has of what clusters use. */
const capabilities = z.object({
  /**
   * Virtual addresses of services and the ingress mesh. Without it: `dnsrr` and host ports only.
   */
  ipvs: z.boolean(),
  /** Encrypted overlay networks. Without it they carry nothing between nodes, silently. */
  esp: z.boolean(),
  /** Delay and loss for tests. */
  netem: z.boolean(),
})
export type Capabilities = z.infer<typeof capabilities>

const state = z.object({
  network: z.object({ name: z.string(), subnet: z.string(), mtu: z.number() }),
  hosts: z.record(
    z.string(),
    z.object({ address: z.string(), port: z.number(), user: z.string() }),
  ),
  /** Path of the private key that every user of every host accepts. */
  key: z.string(),
  /** Path of the known_hosts file: the keys were read out of the hosts themselves. */
  knownHosts: z.string(),
  /** Path of the password that sudo asks of the user `ops-password`. */
  password: z.string(),
  /** Address of the resolver. */
  dns: z.string(),
  /** URL of the registry that serves Docker Hub's names. */
  mirror: z.string(),
  acme: z.object({
    /** URL of the ACME directory. */
    server: z.string(),
    /** Path of the authority behind that URL's own certificate. */
    ca: z.string(),
    /** Path of the authority that signs what is issued; new at each start of the services. */
    root: z.string(),
  }),
  /** Domain to address; a domain includes all names below it. */
  names: z.record(z.string(), z.string()),
  capabilities,
  images: z.array(image),
  /**
   * The buckets, by environment; absent where no source has the server. Their keys are in the lab's
   * store, ENVIRONMENT/s3-access-key and /s3-secret-key.
   */
  s3: z
    .object({
      environments: z.record(z.string(), z.object({ endpoint: z.string(), bucket: z.string() })),
    })
    .exactOptional(),
})
export type LabState = z.infer<typeof state>

const locateState = () => labPath('lab.json')

/**
 * Reads the state of the lab as it was last raised; null if there is no lab. Throws if another
 * version wrote the file, or if it cannot be read.
 */
export const readLabState = async (): Promise<LabState | null> => {
  if (!isThere(locateState())) return null
  const parsed = state.safeParse(parseQuietly(readTextFile(locateState())))
  if (!parsed.success)
    throw new InputError(
      {
        place: locateState(),
        message: `was written by another version, or is damaged\n${z.prettifyError(parsed.error)}`,
        next: 'npx zx scripts/lab.ts up',
      },
      { cause: parsed.error },
    )
  return parsed.data
}

const parseQuietly = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Reads the lab's state. Throws if the lab is not up, and says how to raise it. */
export const requireLab = async (): Promise<LabState> => {
  const found = await readLabState()
  if (!found) throw new InputError({ message: 'the lab is not up: npx zx scripts/lab.ts up' })
  return found
}

/** Writes the state in one step. */
export const writeState = (value: LabState): Promise<void> =>
  writeLabFile('lab.json', JSON.stringify(value, null, 2))

/** Removes the state: the lab counts as down. */
export const forgetState = (): Promise<void> => rm(locateState(), { force: true })

/** Writes a file in the lab's home in one step, with mode 0600. */
export const writeLabFile = (name: string, content: string): Promise<void> =>
  writeWhole(labPath(name), content, 0o600)
