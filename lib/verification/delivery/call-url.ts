import { setTimeout as wait } from 'node:timers/promises'
import type { Secret } from '../../secret.ts'

/** How often, and how patiently, a URL is called. */
export type CallOptions = {
  /** Posted as JSON; without it, the URL is only asked for. */
  readonly body?: unknown
  /** How long an answer may take, in seconds. Default: 10. */
  readonly seconds?: number
  /** Milliseconds before the second call, the third, and so on. Default: 1000, 5000. */
  readonly pauses?: readonly number[]
}

/**
 * Calls a URL that is a secret, until it answers with a status of 200 to 299. What may pass (no
 * connection, no answer, 408, 429, 5xx) is tried again; redirects are not followed. Returns the
 * answer's status in words. An error names neither the URL nor its host.
 */
export const callUrl = async (
  url: Secret,
  { body, seconds = 10, pauses = [1000, 5000] }: CallOptions = {},
): Promise<string> => {
  const target = readTarget(url)
  for (let tries = 1; ; tries++) {
    const answer = await call(target, body, seconds)
    if (answer.isGood) return answer.text
    const pause = pauses[tries - 1]
    if (!answer.mayPass || pause === undefined)
      throw new Error(`${url.name}: ${answer.text}${tries > 1 ? `, ${tries} times` : ''}`)
    await wait(pause)
  }
}

type Answer = { readonly text: string; readonly isGood?: true; readonly mayPass?: boolean }

const call = async (target: URL, body: unknown, seconds: number): Promise<Answer> => {
  try {
    const response = await fetch(target, {
      redirect: 'manual',
      signal: AbortSignal.timeout(seconds * 1000),
      ...(body === undefined
        ? {}
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          }),
    })
    await response.body?.cancel()
    const { ok, status } = response
    if (ok) return { isGood: true, text: `answered ${status}` }
    return { text: `answered ${status}`, mayPass: [408, 429].includes(status) || status >= 500 }
  } catch (error) {
    return { text: explainNoAnswer(error, seconds), mayPass: true }
  }
}

/** The message of such an error may contain the URL. Its code does not. */
const explainNoAnswer = (error: unknown, seconds: number): string => {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${seconds} s`
  const code = error instanceof Error ? (error.cause as { code?: unknown } | undefined)?.code : null
  return typeof code === 'string' ? `no connection (${code})` : 'no connection'
}

/** What is sent may be read on its way, but for one that does not leave this machine. */
const readTarget = (secret: Secret): URL => {
  const text = secret.reveal().trim()
  if (!URL.canParse(text)) throw new Error(`${secret.name}: it is not a URL`)
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw new Error(`${secret.name}: a URL with a user or a password is not supported`)
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
    throw new Error(`${secret.name}: it must begin with https://`)
  return url
}
