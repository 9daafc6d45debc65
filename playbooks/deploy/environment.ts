/**
 * An environment of hosts.yaml as the role takes it: shared by the playbooks and scripts that do.
 */
import { InputError } from '../../lib/errors/input-error.ts'
import { formatSuggestion } from '../../lib/errors/suggest.ts'
import type { Environment as Entry, Inventory } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { requireSettings } from '../../lib/inventory/require-settings.ts'
import type { Bucket, Image } from '../../roles/environment/options.ts'
import {
  type BackupSettings,
  type BucketSettings,
  environmentSettings,
} from '../../roles/environment/settings.ts'
import type { EnvironmentOptions } from '../../roles/environment.ts'
import { nameEdge } from '../cluster.ts'
import { adaptToLab, encryptsOverlays } from '../entry-point.ts'
import { readSecrets, refuseMissing, type SecretSource } from './secrets.ts'

/** The environment of that name. One that is not there is an InputError that names the nearest. */
export const findEnvironment = ({ environments, absent }: Inventory, name: string): Entry => {
  const found = environments.get(name)
  if (found) return found
  throw new InputError({
    place: `--env ${name}`,
    message: `no such environment${formatSuggestion(name, environments.keys())}`,
    next:
      environments.size > 0
        ? `There are: ${[...environments.keys()].join(', ')}.`
        : `No environment is known${absent.overlay ? ` in the ${absent.overlay}` : ''}.`,
  })
}

/**
 * All that the role needs, found before any connection. `release` replaces the image of
 * hosts.yaml: a tag, a digest or a whole name.
 */
export const readEnvironmentOptions = async (
  entry: Entry,
  vault: SecretSource,
  lab: LabState | null,
  release?: string,
): Promise<EnvironmentOptions> => {
  requireSettings([entry], [environmentSettings])
  const { name, server, cluster, vars } = entry
  const { hosts, bucket, backups } = vars
  const { images, services, secrets: own, registry, build: _, ...app } = vars.app
  const { full, binlogs, canary, files, prune } = backups.schedules
  const assets = findBucket(name, bucket, lab)
  const image = release === undefined ? images.app : resolveRelease(name, images.app, release)
  if (image === undefined) throw makeUnsetError(name, 'app.images.app')
  return {
    name,
    hosts,
    node: server.name,
    timezone: vars.timezone,
    proxy: nameEdge(name),
    pool: vars.swarm.pool,
    ...app,
    images: { ...images, app: image },
    services,
    bucket: assets,
    backups: {
      keepDays: backups.keepDays,
      generation: backups.generation,
      schedules: { full, binlogs, canary, prune, snapshot: files },
      bucket: findBackupBucket(name, assets, backups, lab),
      cluster: cluster.name,
    },
    secrets: await readSecrets(entry, vault, own),
    ...(await findLogin(entry, vault, registry)),
    hmac: vault.hmac,
    encrypted: encryptsOverlays(lab, vars.swarm),
    ...adaptToLab(lab),
  }
}

/** Who logs in to pull the images; nobody where hosts.yaml names no user. */
const findLogin = async (
  { name }: Entry,
  vault: SecretSource,
  { address, user, password }: Entry['vars']['app']['registry'],
) => {
  if (user === undefined) return {}
  if (address === undefined) throw makeUnsetError(name, 'app.registry.address')
  return {
    registry: {
      address,
      user,
      password: await vault.secret(password, () => refuseMissing(password, name)),
    },
  }
}

/** AWS, unless hosts.yaml says otherwise; in the lab the lab's own server. */
const findBucket = (
  name: string,
  { name: bucket, endpoint, region }: BucketSettings,
  lab: LabState | null,
) => {
  const own = lab?.s3?.environments[name]
  if (lab && !own)
    throw new InputError({
      place: name,
      message: 'the lab has no S3 server for it',
      next: 'Raise it again: npx zx scripts/lab.ts up',
    })
  return {
    name: bucket,
    region,
    endpoint: own?.endpoint ?? endpoint ?? `https://s3.${region}.amazonaws.com`,
  }
}

/** On the server of the assets unless hosts.yaml says otherwise, and never in their bucket. */
const findBackupBucket = (
  name: string,
  assets: Bucket,
  { bucket: { name: bucket, endpoint, region } }: BackupSettings,
  lab: LabState | null,
): Bucket => {
  const found = {
    name: bucket,
    region: region ?? assets.region,
    endpoint: lab ? assets.endpoint : (endpoint ?? assets.endpoint),
  }
  if (found.name === assets.name && found.endpoint === assets.endpoint)
    throw new InputError({
      place: 'hosts.yaml',
      message: `environments.${name}: backups.bucket.name is that of the assets' bucket`,
      next: "Give the backups a bucket that the application's keys do not open.",
    })
  return found
}

const makeUnsetError = (name: string, what: string): InputError =>
  new InputError({
    place: 'hosts.yaml',
    message: `environments.${name}: ${what} is required`,
    next: `Set ${what} in environments.${name}, or what holds for all in all.app.`,
  })

/**
 * `sha256:…` and `v2` belong to the repository that hosts.yaml names; anything longer is an
 * image's name.
 */
const resolveRelease = (name: string, image: string | undefined, release: string): Image => {
  const repository = image?.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
  if (/^sha256:[0-9a-f]{64}$/.test(release) && repository)
    return `${repository}@sha256:${release.slice('sha256:'.length)}`
  if (/^[\w][\w.-]{0,127}$/.test(release) && repository) return `${repository}:${release}`
  if (isImage(release)) return release
  throw new InputError({
    place: `--release ${release}`,
    message: repository
      ? 'is neither a tag, a digest (sha256: and 64 hex digits), nor an image with one of both'
      : `names no repository, and hosts.yaml has no app.images.app for ${name}`,
  })
}

const isImage = (text: string): text is Image =>
  /^[a-z0-9][a-z0-9._/:-]*(:[\w][\w.-]*|@sha256:[0-9a-f]{64})$/.test(text)
