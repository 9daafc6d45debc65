import type { AuthenticationType } from 'ssh2'
import { Unreachable } from '../connection.ts'
import type { Identities } from './keyring.ts'
import { Rejected } from './rejected-error.ts'
import { formatEndpoint, formatTarget, type Target } from './target.ts'

/** What was offered to a host that did not let us in, and what it said that it takes. */
export type LoginAttempt = {
  readonly offered: Identities
  readonly accepts: readonly AuthenticationType[] | null
}

/** An error of ssh2 in our words: what is wrong, and what to do. */
export const explainLoginFailure = (
  target: Target,
  error: Error & { readonly level?: string },
  attempt: LoginAttempt,
): Unreachable => {
  if (error instanceof Unreachable) return error
  if (error.level === 'client-authentication') return explainDenial(target, error, attempt)
  if (/too many authentication failures/i.test(error.message))
    return explainTooManyKeys(target, error, attempt)
  if (error.level === 'agent')
    return new Rejected(target.host, `cannot sign for ${formatTarget(target)}: ${error.message}`, {
      cause: error,
    })
  const to = formatEndpoint(target.address, target.port)
  if (error.level === 'handshake')
    return new Rejected(target.host, `no common ground with ${to}: ${error.message}`, {
      cause: error,
    })
  return new Unreachable(
    target.host,
    `${to} closed the connection before the login: ${error.message}`,
    {
      cause: error,
      next:
        'sshd there may limit logins (MaxStartups, fail2ban), ' +
        'or what listens on this port is not sshd.',
    },
  )
}

/** The host answers, but the login did not end in time. */
export const explainTimeout = (target: Target, phase: string, ms: number): Unreachable =>
  new Unreachable(
    target.host,
    `${formatEndpoint(target.address, target.port)} answers, ` +
      `but ${phase} did not end in ${Math.round(ms / 1000)} s`,
    {
      next: 'The host may be overloaded, or what listens on this port is not sshd.',
    },
  )

const explainDenial = (
  target: Target,
  cause: Error,
  { offered, accepts }: LoginAttempt,
): Rejected => {
  const keys = offered.identities.length > 0 ? listLabels(offered) : 'no key'
  const left = accepts ? `; it accepts ${accepts.join(', ')}` : ''
  const notes = offered.notes.map(note => `; ${note}`).join('')
  const password = target.password ? ', the password' : ''
  return new Rejected(
    target.host,
    `login refused by ${formatTarget(target)}: tried ${keys}${password}${left}${notes}`,
    {
      cause,
      next:
        'Is the user right, and one of these keys in its authorized_keys? ' +
        `Try: ssh -p ${target.port} ${target.user}@${target.address}`,
    },
  )
}

const explainTooManyKeys = (target: Target, cause: Error, { offered }: LoginAttempt): Rejected =>
  new Rejected(
    target.host,
    `${formatTarget(target)} allows fewer tries than there are keys: ${listLabels(offered)}`,
    {
      cause,
      next:
        'Name the right one: identityFile in hosts.yaml, ' +
        'or IdentityFile with IdentitiesOnly in ~/.ssh/config.',
    },
  )

const listLabels = ({ identities }: Identities): string =>
  identities.map(({ label }) => label).join(', ')
