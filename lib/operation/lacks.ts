import { Unknown } from '../deferred.ts'

/**
 * What a change could not do without, unless an earlier operation makes it; null if nothing. The
 * probe says so on stderr: `lacks folder /srv/app`, or a user, a group, a device, a program.
 */
export const findLack = (
  { exitCode, stderr }: { readonly exitCode: number; readonly stderr: string },
  isPromised: ((thing: string) => boolean) | undefined,
): Unknown | null => {
  if (exitCode !== 0) return null
  const all = [...stderr.matchAll(/^lacks ((?:folder|user|group|device|program) .+)$/gm)].map(
    ([, thing]) => `${thing}`,
  )
  const thing = all.find(one => !isPromised?.(one))
  return thing === undefined
    ? null
    : new Unknown(`the host has no ${thing}: list what makes it before this operation`)
}
