import { change, operation, type Payload, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { writeMark } from './file/mark.ts'

export type RunOnce = {
  /** What the script does or proves, in words. */
  readonly name: string
  /** The version of what it uses, such as a keyed hash of values. A new version runs it again. */
  readonly version: string
  /** The script. Exit 0 is success. */
  readonly run: Sh
  /** Its stdin. A function makes it when it is sent, such as a signature. Default: empty. */
  readonly stdin?: Payload | (() => Payload)
  /** How long it may take, in seconds. Default 60. */
  readonly timeoutSeconds?: number
}

const locateMark = (name: string): string =>
  `/var/lib/brd/once/${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}`

/**
 * A script has succeeded on this host, once for this version. Use it for what only an attempt can
 * prove, such as a refused password.
 */
export const runOnce = operation('runOnce', {
  name: ({ name }: RunOnce) => name,
  probe: ({ name }) => sh`cat ${locateMark(name)} 2>/dev/null || echo never`,
  read: out =>
    out.exitCode === 0 && out.stdout.length > 0 ? out.stdout.toString().trim() : unreadable(out),
  plan: (now, { name, version, run, stdin, timeoutSeconds: seconds }) => {
    const apply = sh`( ${run}
) || exit
${writeMark(locateMark(name), sh`${version}`)}`
    return change(
      now === version
        ? []
        : [{ key: 'done', before: now === 'never' ? null : 'with other values', after: 'once' }],
      apply,
      {
        ...(typeof stdin === 'function'
          ? { stdin: stdin(), renew: () => ({ apply, stdin: stdin() }) }
          : stdin === undefined
            ? {}
            : { stdin }),
        ...(seconds === undefined ? {} : { seconds }),
      },
    )
  },
})
