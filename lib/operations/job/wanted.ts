import { type Hmac, hashJson } from '../../compose/names.ts'
import { OptionError } from '../../errors/option-error.ts'
import type { Secret } from '../../secret.ts'
import type { Sh } from '../../sh.ts'

type Secrets =
  | { readonly secrets?: never; readonly hmac?: never }
  | {
      /**
       * Secrets that the work reads, each as the file `$CREDENTIALS_DIRECTORY/NAME`: in memory, for
       * root alone, until the job has ended. Default: none.
       */
      readonly secrets: Readonly<Record<string, Secret>>
      /** The keyed hash by which a changed secret is recognized. */
      readonly hmac: Hmac
    }

export type TransientJob = Secrets & {
  /** Names the unit brd-job-NAME.service. Of one name, one job runs at a time. */
  readonly name: string
  /**
   * `absent`: the job is stopped, its clean-up runs, and nothing is kept of it. Default present.
   */
  readonly state?: 'present'
  /**
   * The work, for sh, as root: from /, with umask 077 and no stdin. Exit 0 is success. What it
   * prints goes to the journal. `progress TEXT` keeps one line, best of JSON, of 1000 bytes at
   * most, which the run shows.
   */
  readonly run: Sh
  /**
   * Runs after the work, however that ended: with an error, by a signal, past its time. The files
   * of the secrets are still there, and `$SERVICE_RESULT` and `$EXIT_STATUS` say how it ended. It
   * has 90 seconds. Default: nothing.
   */
  readonly cleanUp?: Sh
  /**
   * Begins work that has ended once more: `2026-11-28`. A new text is a new request. Default: what
   * has succeeded is not begun again, and what has failed is an error.
   */
  readonly rerun?: string
  /** How long the work may take, in seconds: then it is ended, and has failed. Default 3600. */
  readonly timeoutSeconds?: number
  /** Maximum memory of all its processes. Beyond, it is ended. Default: no limit. */
  readonly memoryMax?: `${number}${'K' | 'M' | 'G'}`
  /**
   * Its priority for the processor, from -20 (first) to 19 (last). Default 0.
   * @range -20 to 19
   */
  readonly nice?: number
  /** Its class for the disk; `idle` works when nobody else does. Default: systemd's. */
  readonly ioSchedulingClass?: 'realtime' | 'best-effort' | 'idle'
}

/** Throws for options that cannot be right. */
export const checkTransient = (want: TransientJob): void => {
  checkJobName(want.name)
  for (const name of Object.keys(want.secrets ?? {}))
    if (!/^[A-Za-z0-9][\w.-]{0,99}$/.test(name))
      throw new OptionError({
        message: `${JSON.stringify(name)} cannot be the name of a secret's file`,
        next: 'use letters, digits, `.`, `_` and `-`',
      })
  if (want.run.text.trim() === '') throw new OptionError({ message: 'run: a command is expected' })
  if (want.rerun !== undefined && !/^[^\0\n]+$/.test(want.rerun))
    throw new OptionError({ message: 'rerun must be one line of text', next: 'such as 2026-11-28' })
  if (want.memoryMax !== undefined && !/^[1-9]\d*[KMG]$/.test(want.memoryMax))
    throw new OptionError({
      message: `${JSON.stringify(want.memoryMax)} is not a size`,
      next: 'use a number with K, M or G, such as 500M',
    })
}

/** Throws for a name that cannot be part of a unit's. */
export const checkJobName = (name: string): void => {
  if (!/^[A-Za-z0-9][\w.-]{0,99}$/.test(name))
    throw new OptionError({
      message: `${JSON.stringify(name)} cannot be a job's name`,
      next: 'use letters, digits, `.`, `_` and `-`',
    })
}

/**
 * What the work is made from. Limits do not count: they hold from its next start. A secret is in it
 * as a keyed hash.
 */
export const hashInputs = ({ name, run, cleanUp, rerun, ...want }: TransientJob): string =>
  hashJson([
    run.text,
    cleanUp?.text ?? null,
    rerun ?? null,
    Object.entries(want.secrets ?? {}).map(([key, secret]) => [
      key,
      want.hmac?.(`job ${name}/${key}`, secret),
    ]),
  ])
