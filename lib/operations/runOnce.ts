import { change, operation, type Payload, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { sha256 } from './file/content.ts'
import { printMark, writeMark } from './file/mark.ts'

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

/** No two names share a file: one that cannot be a file's name as it is carries its hash. */
const locateMark = (name: string): string => {
  const slug = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '')
  const isPlain = slug === name && name.length <= 200
  return `/var/lib/brd/once/${isPlain ? name : `${slug.slice(0, 80)}.${sha256(name).slice(0, 16)}`}`
}

/**
 * A script has succeeded on this host, once for this version. Use it for what only an attempt can
 * prove, such as a refused password.
 */
export const runOnce = operation('runOnce', {
  name: ({ name }: RunOnce) => name,
  probe: ({ name }) => printMark(locateMark(name), 'never'),
  read: out =>
    out.exitCode === 0 && out.stdout.toString().trim() !== ''
      ? out.stdout.toString().trim()
      : unreadable(out),
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
