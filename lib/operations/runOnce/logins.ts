import { type Operation, operation } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { runOnce } from '../runOnce.ts'

type Login = {
  readonly user: string
  readonly password: Secret
  readonly version: string
}

type Server<Want> = {
  /** Names the login and the server: `app@% of stage-data_mariadb`. */
  readonly describe: (want: Want) => readonly [login: string, server: string]
  /** Tries the login: leaves its output in `$said` and its exit code in `$rc`. */
  readonly attempt: (want: Want) => Sh
  /** Succeeds if the server accepted the login. */
  readonly isAccepted: Sh
  /** Succeeds if the server refused the login; other failures prove nothing. */
  readonly isRefused: Sh
  readonly stdin: (want: Want) => Secret
}

/** Makes the operations `KIND.accepts` and `KIND.refuses`, which prove how a login ends. */
export const makeLogins = <Want extends Login>(kind: string, server: Server<Want>) => {
  const proof = (want: Want, name: string, check: Sh, meta: object): Operation =>
    runOnce(
      {
        name,
        version: want.version,
        run: sh`${server.attempt(want)}
${check} || { printf '%s\n' "$said" >&2; exit 1; }`,
        stdin: server.stdin(want),
      },
      meta,
    )
  return {
    accepts: operation(`${kind}.accepts`, {
      from: (want: Want, meta) => {
        const [login, place] = server.describe(want)
        return proof(want, `${login} logs in to ${place}`, server.isAccepted, meta)
      },
    }),
    refuses: operation(`${kind}.refuses`, {
      from: (want: Want, meta) => {
        const [login, place] = server.describe(want)
        return proof(want, `${login} is refused by ${place}`, server.isRefused, meta)
      },
    }),
  }
}
