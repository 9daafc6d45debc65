import { type Sh, sh } from '../../sh.ts'
import { stackLabel } from '../docker/api.ts'
import { keepOutput } from '../file/mark.ts'

/** On the manager: the services as they were before the deploy that is under way. */
export const locateBefore = (stack: string): string => `/var/lib/brd/stacks/${stack}.before`

/** On the manager: the images that the last deploy ended with, by their digests. */
const locateImages = (stack: string): string => `/var/lib/brd/stacks/${stack}.images`

const listServices = (stack: string): Sh =>
  sh`services=$(docker service ls --quiet --filter ${`label=${stackLabel}=${stack}`}) || exit`

/**
 * Keeps the services as they are on the disk, unless a deploy before this one did not end: then
 * what was before that one counts. Whoever comes next can roll back to it.
 */
export const keepBefore = (stack: string): Sh => sh`[ -e ${locateBefore(stack)} ] || {
  ${listServices(stack)}
  ${keepOutput(
    locateBefore(stack),
    sh`{ [ -z "$services" ] ||
    docker service inspect --format '{{.Spec.Name}} {{json .Spec}}' $services; }`,
  )}
} || exit`

/** The deploy has ended: keeps the images that it found, and forgets what was before it. */
export const finishDeploy = (stack: string): Sh => sh`{
  ${listServices(stack)}
  ${keepOutput(
    locateImages(stack),
    sh`{ [ -z "$services" ] || docker service inspect \
    --format '{{.Spec.Name}} {{.Spec.TaskTemplate.ContainerSpec.Image}}' $services; }`,
  )}
} && rm -f ${locateBefore(stack)} || exit`

/** Prints `record KIND` for each record that is kept of the stack. */
export const listRecords = (stack: string): Sh =>
  sh`[ ! -e ${locateBefore(stack)} ] || echo 'record before'
[ ! -e ${locateImages(stack)} ] || echo 'record images'`

/** Forgets the stack: one that is made later under its name begins anew. */
export const forgetRecords = (stack: string): Sh =>
  sh`rm -f ${locateBefore(stack)} ${locateImages(stack)}`

/** Prints a line for each service before, and for each image; only reads. */
export const printRecord = (stack: string): Sh => sh`for kind in before images; do
  record=${locateBefore(stack).replace(/before$/, '')}$kind
  [ -e "$record" ] || continue
  echo "$kind:"
  sed "s/^/$kind: /" "$record" || exit 74
done`

/** What the runner knows of a stack from earlier deploys. */
export type DeployRecord = {
  /** The specifications before a deploy that did not end, by full names; null if each ended. */
  readonly before: ReadonlyMap<string, string> | null
  /** The images that the last deploy ended with, by full names. */
  readonly images: ReadonlyMap<string, string>
}

/** Reads what `printRecord` printed, and returns the rest of the text. */
export const readRecord = (text: string): DeployRecord & { readonly rest: string } => {
  const lines = text.split('\n')
  const of = (kind: string) =>
    new Map(
      lines.flatMap(line => {
        const [, name = '', value = ''] = new RegExp(`^${kind}: (\\S+) (.*)$`).exec(line) ?? []
        return name === '' ? [] : [[name, value] as const]
      }),
    )
  return {
    before: lines.includes('before:') ? of('before') : null,
    images: of('images'),
    rest: lines.filter(line => !/^(before|images):/.test(line)).join('\n'),
  }
}
