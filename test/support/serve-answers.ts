import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that came. */
export type SeenRequest = {
  method: string | undefined
  url: string | undefined
  type?: string
  body: string
}

/** A server on this machine that answers each request by the next of these, then by the last. */
export const serveAnswers = async (
  answers: readonly (number | ((response: ServerResponse) => void))[],
  body: (url: string, seen: readonly SeenRequest[]) => Promise<void>,
): Promise<void> => {
  const seen: SeenRequest[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    for await (const chunk of request) text += chunk
    const { method, url, headers } = request
    seen.push({
      method,
      url,
      ...(headers['content-type'] ? { type: headers['content-type'] } : {}),
      body: text,
    })
    const next = answers[Math.min(seen.length, answers.length) - 1]!
    if (typeof next === 'number') response.writeHead(next).end('token-in-the-answer')
    else next(response)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`, seen)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}
