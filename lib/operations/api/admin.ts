import { operation } from '../../operation.ts'
import type { Secret } from '../../secret.ts'
import { type Sh, sh } from '../../sh.ts'
import { runOnce } from '../runOnce.ts'
import { type ApiRequest, defineAsk, encodeRequests, type Site } from './ask.ts'

/** A password of the user `admin` of one of the cluster's tools. */
export type AdminPassword = Site & {
  /** The password to set, or to try. */
  readonly password: Secret
  /** A keyed hash of the password: another password is set or tried again. */
  readonly version: string
}

export type AdminPasswordChange = AdminPassword & {
  /** The previous password, which the tool asks for. */
  readonly before: Secret
}

type Tool = {
  /** Its name in errors. */
  readonly title: string
  /** A request as `admin`. */
  readonly login: (password: Secret) => ApiRequest
  /** The requests that `change` sends with `ask`, in their order. */
  readonly requests: (before: Secret, after: Secret) => readonly ApiRequest[]
  /** Sets the new password, unless it is valid already. */
  readonly change: Sh
  readonly seconds: number
  /** A pattern of `case` for the answer to a wrong password. */
  readonly refusal: Sh
}

/** Makes the operations `KIND.password` and `KIND.refuses` of a tool with an HTTP API. */
export const makeAdmin = (kind: string, tool: Tool) => ({
  password: operation(`${kind}.password`, {
    from: ({ before, ...want }: AdminPasswordChange, meta) =>
      runOnce(
        {
          name: `admin of ${want.host} has the password ${want.password.name}`,
          version: want.version,
          run: sh`${defineAsk(want)}
${tool.change}`,
          stdin: encodeRequests(want, tool.requests(before, want.password)),
          timeoutSeconds: tool.seconds,
        },
        meta,
      ),
  }),
  refuses: operation(`${kind}.refuses`, {
    from: (want: AdminPassword, meta) =>
      runOnce(
        {
          name: `admin of ${want.host} is refused with the old password`,
          version: want.version,
          run: sh`${defineAsk(want)}
said=$(ask) || exit
case $said in ${tool.refusal}) ;; *) echo ${`${tool.title} answers:`} "$said" >&2; exit 1 ;; esac`,
          stdin: encodeRequests(want, [tool.login(want.password)]),
        },
        meta,
      ),
  }),
})
