import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export type ToolRequest = {
  readonly method: string
  readonly path: string
  readonly authorization: string
  readonly body: Record<string, string>
}
export type ToolAnswer = readonly [status: number, body?: object]

/** A web server of this process that answers as told, and what it was asked. */
export const startToolServer = async (answer: (asked: ToolRequest) => ToolAnswer) => {
  const asked: ToolRequest[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const sent = await text(request)
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization ?? '',
      body: parseBody(sent, request.headers['content-type'] ?? ''),
    }
    asked.push(one)
    const [status, body] = answer(one)
    response
      .writeHead(status, { 'Content-Type': 'application/json' })
      .end(body === undefined ? undefined : `${JSON.stringify(body)}\n`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, asked, end: () => new Promise(resolve => server.close(resolve)) }
}

/** Parses JSON, or the fields of a form. */
const parseBody = (sent: string, type: string): Record<string, string> =>
  type.startsWith('multipart/')
    ? Object.fromEntries(
        [...sent.matchAll(/name="(\w+)"\r\n\r\n(.*)\r\n/g)].map(([, key = '', value = '']) => [
          key,
          value,
        ]),
      )
    : sent === ''
      ? {}
      : JSON.parse(sent)
