import ssh2 from 'ssh2'
import { type ConnectOptions, openRoute } from './connect.ts'
import { explainLoginFailure } from './failure.ts'
import { keyTypes, listAlgorithms } from './host-key.ts'
import type { Target } from './target.ts'

/** Families of host keys; a server shows one of each that it has. */
const families = [
  keyTypes.filter(type => type === 'ssh-ed25519'),
  keyTypes.filter(type => type.startsWith('ecdsa')),
  keyTypes.filter(type => type === 'ssh-rsa'),
]

/**
 * The public keys that the host shows, one of each family, each proven by its signature. Nobody
 * logs in. Rejects with Unreachable.
 * Whether they are the host's own is for a person to say.
 */
export const fetchHostKeys = async (
  target: Target,
  options: ConnectOptions = {},
): Promise<Buffer[]> => {
  const shown: (Buffer | null)[] = []
  // one by one: sshd limits those who do not log in
  for (const types of families) shown.push(await fetchHostKey(target, types, options))
  return shown.filter(key => key !== null)
}

/** The key of these types, null when the host has none. */
const fetchHostKey = async (
  target: Target,
  types: readonly string[],
  options: ConnectOptions,
): Promise<Buffer | null> => {
  const way = await openRoute(target, options)
  try {
    return await startHandshake(target, way.socket as never, types, (options.seconds ?? 15) * 1000)
  } finally {
    way.socket.destroy()
    await way.close()
  }
}

const startHandshake = (
  target: Target,
  sock: never,
  types: readonly string[],
  ms: number,
): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    let shown: Buffer | null = null
    client.on('handshake', () => resolve(shown)) // its signature has been checked
    client.on('error', error =>
      /no matching host key format/i.test(error.message)
        ? resolve(null)
        : reject(explainLoginFailure(target, error, { offered: nothing, accepts: null })),
    )
    client.on('close', () =>
      reject(
        explainLoginFailure(target, new Error('it ended the handshake'), {
          offered: nothing,
          accepts: null,
        }),
      ),
    )
    const hostVerifier = (key: Buffer) => {
      shown = key
      return true
    }
    client.connect({
      sock,
      username: target.user,
      readyTimeout: ms,
      algorithms: { serverHostKey: types.flatMap(listAlgorithms) },
      hostVerifier,
    })
  })

const nothing = { identities: [], notes: [] }
