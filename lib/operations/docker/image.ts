import { hashJson } from '../../compose/names.ts'
import { OptionError } from '../../errors/option-error.ts'
import {
  type Context,
  change,
  differences,
  type Operation,
  type Output,
  operation,
  Unknown,
  unreadable,
} from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import type { Path } from '../file/entry.ts'
import { needsDocker, queryApi, readFirst } from './api.ts'
import { buildLabel, hashContext, readBuild } from './image/build.ts'
import { printSaved, readSaved } from './image/saved.ts'
import { printUsers, readUsers } from './volume.ts'

type Named = {
  /** With a tag or a digest: `mariadb:10.11`, `mariadb@sha256:…`. */
  readonly name: `${string}:${string}`
  /** How long the pull, build or load may take, in seconds. Default 900. */
  readonly timeoutSeconds?: number
}
type Pulled = {
  /**
   * `absent` removes the name, and the image if that was its last name; refused while a container
   * uses it. Default present.
   */
  readonly state?: 'present' | 'absent'
  readonly context?: never
  readonly file?: never
}
type Built = {
  /**
   * The folder on the host to build from. The image is built again when anything in the folder
   * changes.
   */
  readonly context: Path
  /** Path of the Dockerfile in the folder. Default Dockerfile. */
  readonly dockerfile?: string
  /** Arguments of the build. Never secrets: the image shows them. Default none. */
  readonly args?: Readonly<Record<string, string>>
  /** The stage to build. Default the last. */
  readonly target?: string
  /**
   * Operations that fill the folder: while one of them has a change pending, check mode shows the
   * build too. Default: none.
   */
  readonly filledBy?: readonly Operation[]
  readonly state?: never
  readonly file?: never
}
type Loaded = {
  /**
   * A file on the host with the image, as `docker save` writes it, plain or compressed.
   */
  readonly file: Path
  readonly state?: never
  readonly context?: never
}
export type Image = Named & (Pulled | Built | Loaded)

type Api = {
  readonly Id: string
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null } | null
}
type Now = { readonly image: Api | null; readonly out: Output }

/**
 * This node has an image: pulled by its exact name, built from a folder of the host, or loaded from
 * a file. A tag that has moved in its registry is not noticed: use a digest. A build is compared by
 * a hash of its folder and arguments, which a label keeps; a newer base image alone builds nothing.
 */
export const image = operation('docker.image', {
  check: (want: Image) => {
    if (!/^[a-z0-9][\w./:-]*(:[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/.test(want.name))
      throw new OptionError({
        message: `${JSON.stringify(want.name)} is not a name with a tag or a digest`,
        next: 'write it such as mariadb:10.11',
      })
  },
  name: ({ name }: Image) => name,
  probe: want => sh`${needsDocker}
${printSource(want)}
${queryApi([`/images/${stripTag(want.name)}/json`])}`,
  read: (out): Now | Unknown => {
    if (out.exitCode === 3) return unreadable(out)
    const image = readFirst<Api>(out, 'the image')
    return image instanceof Unknown ? image : { image, out }
  },
  plan: (now, want, context) => {
    if (want.context !== undefined) return planBuild(now, want, context)
    if (want.file !== undefined) return planLoad(now, want)
    if (want.state === 'absent') return planRemoval(now, want)
    return change(
      differences({ image: now.image && want.name }, { image: want.name }),
      sh`docker pull --quiet ${want.name} >/dev/null`,
      setDeadline(want),
    )
  },
  probeSeconds: 60,
})

/** Strips the tag of a name with a digest, as the API requires. */
const stripTag = (name: string): string => name.replace(/:[\w][\w.-]*(?=@sha256:)/, '')
const setDeadline = ({ timeoutSeconds: seconds = 900 }: Image) => ({ seconds })

const printSource = (want: Image): Sh => {
  if (want.context !== undefined)
    return sh`${hashContext(want.context)}
echo "context $context"`
  if (want.file !== undefined) return printSaved(want.file)
  return want.state === 'absent' ? printUsers('ancestor', want.name) : sh``
}

const planRemoval = ({ image, out }: Now, { name }: Image) => {
  const users = readUsers(out.stdout)
  if (image && users.length > 0)
    return new Unknown(`${users.join(', ')} uses it: remove that first`)
  return change(
    differences({ image: image && name }, { image: null }),
    sh`docker image rm ${name} >/dev/null`,
  )
}

const planBuild = ({ image, out }: Now, want: Named & Built, { pending }: Context) => {
  const { context, dockerfile = 'Dockerfile', args = {}, target, filledBy = [] } = want
  const asked = hashJson([dockerfile, args, target ?? null])
  // Ask for each one: the runner must know on which changes this plan depends.
  const filling = filledBy.filter(pending).length > 0
  const now = image?.Config?.Labels?.[buildLabel] ?? null
  const same = now === `${asked}-${readBuild(out)}`
  const before =
    image &&
    (now === null
      ? 'not built here'
      : now.startsWith(asked)
        ? 'built from what the folder was'
        : 'built otherwise')
  const flags = [
    ...['--file', `${context}/${dockerfile}`, '--tag', want.name],
    ...Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    ...(target === undefined ? [] : ['--target', target]),
  ]
  return change(
    same && !filling
      ? []
      : [
          {
            key: 'image',
            before: same ? 'built from what the folder is' : before,
            after: `built from ${context}`,
          },
        ],
    sh`${hashContext(context)}
said=$(docker build --force-rm ${flags} --label ${`${buildLabel}=${asked}-`}"$context" \
  ${context} 2>&1) || { printf '%s\n' "$said" | tail -n 20 >&2; exit 1; }`,
    setDeadline(want),
  )
}

const planLoad = ({ image, out }: Now, want: Named & Loaded) => {
  const saved = readSaved(out)
  if (!saved) return unreadable(out, `${want.file} was not written by docker save`)
  if (!saved.names.includes(want.name))
    return new Unknown(
      `${want.file} holds ${saved.names.join(', ') || 'no named image'}, not ${want.name}`,
    )
  const same = image !== null && saved.ids.includes(image.Id)
  return change(
    same ? [] : [{ key: 'image', before: image && 'another', after: `loaded from ${want.file}` }],
    sh`docker load --quiet --input ${want.file} >/dev/null`,
    setDeadline(want),
  )
}
