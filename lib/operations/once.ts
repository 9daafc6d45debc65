import { change, operation, type Payload, unreadable } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'

export type Once = {
  /** What has been done or shown, in words. */
  readonly name: string
  /** Another mark, and it is done again: a keyed hash of the values that it is about. */
  readonly mark: string
  /** Ends with 0 where it went well. */
  readonly run: Sh
  /** What it reads. Default: nothing. */
  readonly stdin?: Payload
  /** Deadline in seconds. Default 60. */
  readonly seconds?: number
}

const folder = '/var/lib/brd/once'
const file = (name: string): string => `${folder}/${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}`

/**
 * A script has ended well on this host, once for this mark: what can be shown by trying alone, such
 * as a password that is refused.
 */
export const once = operation('once', {
  name: ({ name }: Once) => name,
  probe: ({ name }) => sh`cat ${file(name)} 2>/dev/null || echo never`,
  read: out =>
    out.rc === 0 && out.stdout.length > 0 ? out.stdout.toString().trim() : unreadable(out),
  plan: (now, { name, mark, run, stdin, seconds }) =>
    change(
      now === mark
        ? []
        : [{ key: 'done', before: now === 'never' ? null : 'with other values', after: 'once' }],
      sh`( ${run}
) || exit
mkdir -p ${folder} && printf '%s\n' ${mark} >${`${file(name)}.new`} && mv -f ${`${file(name)}.new`} ${file(name)}`,
      {
        ...(stdin === undefined ? {} : { stdin }),
        ...(seconds === undefined ? {} : { seconds }),
      },
    ),
})
