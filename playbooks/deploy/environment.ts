/**
 * An environment of hosts.yaml as the role takes it: shared by the playbooks and scripts that do.
 */
import { InputError } from '../../lib/errors/input-error.ts'
import { formatSuggestion } from '../../lib/errors/suggest.ts'
import type { Environment as Entry, Inventory } from '../../lib/inventory/inventory.ts'
import type { LabState } from '../../lib/inventory/lab-state.ts'
import { requireSettings } from '../../lib/inventory/require-settings.ts'
import type { Image } from '../../roles/environment/options.ts'
import { environmentSettings } from '../../roles/environment/settings.ts'
import type { EnvironmentOptions } from '../../roles/environment.ts'
import { nameEdge } from '../cluster.ts'
import { adaptToLab, encryptsOverlays } from '../entry-point.ts'
import { findBackupBucket, findBucket } from './buckets.ts'
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
  const { hosts, backups } = vars
  const { images, services, secrets: own, registry, build: _, ...app } = vars.app
  const { full, binlogs, canary, files, prune } = backups.schedules
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
    bucket: findBucket(entry, lab),
    backups: {
      keepDays: backups.keepDays,
      generation: backups.generation,
      schedules: { full, binlogs, canary, prune, snapshot: files },
      bucket: findBackupBucket(entry, lab),
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
