import type {
  OpenSSHAgent as Agent,
  BaseAgent as AnyAgent,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2'
import ssh2 from 'ssh2'
import type { AskPassphrase, Identity } from './identity.ts'
import { readKeyFile } from './key-file.ts'
import { defaultIdentities, expandHome, type Target } from './target.ts'

const { BaseAgent, OpenSSHAgent } = ssh2 // a CommonJS module: its names are not seen from here

/** What can be offered to a host, and a word on each key that cannot. */
export type Identities = {
  readonly identities: readonly Identity[]
  readonly notes: readonly string[]
}

/**
 * The user's keys for one run: each is read once, and its passphrase is asked once, whatever the
 * number of hosts.
 */
export type Keyring = {
  readonly for: (target: Target) => Promise<Identities>
  /**
   * Settles when no question is open; undefined when none is. The time a person thinks is not the
   * host's.
   */
  readonly asking: () => Promise<unknown> | undefined
}

/**
 * A keyring. Without `ask`, an encrypted key that the agent does not hold is left out. The
 * passphrase is asked only when a host
 * accepts the key, as ssh does.
 */
export const createKeyring = ({ ask }: { readonly ask?: AskPassphrase } = {}): Keyring => {
  const files = new Map<string, Promise<Identity | string>>()
  const agents = new Map<string, Promise<readonly Identity[] | string>>()
  let question: Promise<unknown> | undefined
  const askInTurn: AskPassphrase | undefined =
    ask &&
    (text => {
      const before = question ?? Promise.resolve()
      const answer = before.then(() => ask(text))
      const settled: Promise<unknown> = answer.then(noop, noop).finally(() => {
        if (question === settled) question = undefined
      })
      question = settled
      return answer
    })
  return {
    asking: () => question,
    for: async target => {
      const socket = target.agent === undefined ? process.env['SSH_AUTH_SOCK'] : target.agent
      const held = socket ? await memoize(agents, socket, () => listAgentKeys(socket)) : []
      const paths = (target.identityFiles ?? defaultIdentities()).map(expandHome)
      const read = await Promise.all(
        paths.map(path =>
          memoize(files, path, () =>
            readKeyFile(path, askInTurn, target.identityFiles !== undefined),
          ),
        ),
      )
      return chooseOffers(
        target,
        typeof held === 'string' ? [] : held,
        read,
        typeof held === 'string' ? [held] : [],
      )
    },
  }
}

/**
 * An ssh2 agent that offers these identities, in order. `used` hears of each that signs: the host
 * accepts it.
 */
export const createAgent = (
  identities: readonly Identity[],
  used: (identity: Identity) => void = () => {},
): AnyAgent => new Offer(identities, used)

/**
 * Named files first, then what the agent holds, then default files. The agent signs for a key that
 * it holds too: it asks nothing.
 */
const chooseOffers = (
  target: Target,
  held: readonly Identity[],
  read: readonly (Identity | string)[],
  notes: readonly string[],
): Identities => {
  const inAgent = (key: Identity) =>
    held.find(({ publicKey }) => areSameKey(publicKey, key.publicKey))
  const own = read.filter(key => typeof key !== 'string').map(key => inAgent(key) ?? key)
  const others = target.identitiesOnly ? [] : held.filter(key => !own.includes(key))
  const identities = target.identityFiles
    ? [...own, ...others]
    : [
        ...own.filter(key => held.includes(key)),
        ...others,
        ...own.filter(key => !held.includes(key)),
      ]
  return {
    identities,
    notes: [...notes, ...read.filter(key => typeof key === 'string' && key !== '').map(String)],
  }
}

const listAgentKeys = (socket: string): Promise<readonly Identity[] | string> =>
  new Promise(resolve => {
    const agent = new OpenSSHAgent(socket)
    const timer = setTimeout(() => resolve(`the agent at ${socket} does not answer`), 5000)
    agent.getIdentities((error, keys) => {
      clearTimeout(timer)
      resolve(
        error
          ? `no agent at ${socket}`
          : (keys ?? []).map(key => createAgentKey(agent, key as ParsedKey)),
      )
    })
  })

const createAgentKey = (agent: Agent, publicKey: ParsedKey): Identity => ({
  label: `${publicKey.comment || publicKey.type} (agent)`,
  publicKey,
  sign: (data, hash) =>
    new Promise((resolve, reject) => {
      agent.sign(publicKey, data, hash ? { hash } : {}, (error, signature) =>
        error || !signature ? reject(error ?? new Error('no signature')) : resolve(signature),
      )
    }),
})

class Offer extends BaseAgent<ParsedKey> {
  readonly #identities: readonly Identity[]
  readonly #used: (identity: Identity) => void
  constructor(identities: readonly Identity[], used: (identity: Identity) => void) {
    super()
    this.#identities = identities
    this.#used = used
  }
  override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    done(
      null,
      this.#identities.map(({ publicKey }) => publicKey),
    )
  }
  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    then?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : then
    const hash = typeof options === 'function' ? undefined : options.hash
    const identity = this.#identities.find(({ publicKey }) => areSameKey(publicKey, key))
    if (identity) this.#used(identity)
    const signed = identity ? identity.sign(data, hash) : Promise.reject(new Error('no such key'))
    signed.then(
      signature => done?.(null, signature),
      (error: Error) => done?.(error),
    )
  }
}

const areSameKey = (a: ParsedKey, b: ParsedKey): boolean =>
  a.getPublicSSH().equals(b.getPublicSSH())

const memoize = <T>(
  cache: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> => {
  const made = cache.get(key) ?? make()
  cache.set(key, made)
  return made
}

const noop = (): void => {}
