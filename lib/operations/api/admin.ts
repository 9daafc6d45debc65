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

export type RefusedPassword = AdminPassword & {
  /**
   * The password in force. It must be accepted right after the other was refused: a tool that
   * blocks a user after failed logins refuses every password. Default: not tried.
   */
  readonly current?: Secret
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
  /** A pattern of `case` for the exact answer to a wrong password. */
  readonly refusal: Sh
  /** What to do about another answer. */
  readonly advice: string
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
    from: ({ current, ...want }: RefusedPassword, meta) =>
      runOnce(
        {
          name: `admin of ${want.host} is refused with the old password`,
          version: want.version,
          run: sh`${defineAsk(want)}
said=$(ask) || exit
case $said in
  *2??) echo ${`${tool.title} still accepts the old password`} >&2; exit 1 ;;
  ${tool.refusal}) ;;
  *)
    echo ${`${tool.title} does not say that the password is wrong (${tool.advice}):`} "$said" >&2
    exit 1 ;;
esac
${current === undefined ? sh`` : acceptsCurrent(tool)}`,
          stdin: encodeRequests(
            want,
            [want.password, ...(current ? [current] : [])].map(tool.login),
          ),
          timeoutSeconds: 90,
        },
        meta,
      ),
  }),
})

const acceptsCurrent = ({ title, advice }: Tool): Sh => sh`said=$(ask) || exit
case $said in *2??) ;; *)
  echo ${`${title} refuses the password in force too, so nothing was shown (${advice}):`} \
    "$said" >&2
  exit 1 ;;
esac`
