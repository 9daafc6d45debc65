import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2'
import type { Identity } from './identity.ts'
import { createAgent, type Identities } from './keyring.ts'
import type { Target } from './target.ts'

/**
 * What is tried, in order: the keys, then the password if the target has one, and when all failed
 * an empty try, which a server
 * refuses with the methods that it would accept: `told` hears them, and `used` the keys that sign.
 */
export const createMethods = (
  target: Target,
  { identities }: Identities,
  told: (left: readonly AuthenticationType[] | null) => void,
  used?: (identity: Identity) => void,
): AuthHandlerMiddleware => {
  const list: AnyAuthMethod[] = [
    ...offerKeys(target, identities, used),
    ...offerPassword(target),
    { type: 'none', username: target.user },
  ]
  // @types/ssh2 knows the answer by callback only; ssh2 takes it as the return value, and `false`
  // as the end.
  return left => {
    told(left)
    return list.shift() ?? false
  }
}

const offerKeys = (
  { user: username }: Target,
  identities: Identities['identities'],
  used?: (identity: Identity) => void,
): AnyAuthMethod[] =>
  identities.length > 0 ? [{ type: 'agent', username, agent: createAgent(identities, used) }] : []

/** PAM hosts take a password as the answer to a question. */
const offerPassword = ({ user: username, password }: Target): AnyAuthMethod[] =>
  password
    ? [
        { type: 'password', username, password: password.reveal() },
        {
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _text, _language, prompts, finish) =>
            finish(prompts.map(() => password.reveal())),
        },
      ]
    : []
