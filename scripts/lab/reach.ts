/**
 * The lab's tools from this machine, by their names and over TLS, without touching its resolver or
 * its trust.
 */
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { readLabState, requireLab } from '../../lib/inventory/lab-state.ts'
import { lookUp } from './names.ts'

type Options = {
  /** PEM of the authority to trust. Default: the lab's, that signs what its ACME server issues. */
  ca?: string
  /** Milliseconds until the whole answer is here. Default: 10 000. */
  timeout?: number
  headers?: Record<string, string>
  /** Default: GET. */
  method?: string
  /** What is sent. Default: nothing. */
  body?: string
}

export type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string }

/** The address of a name of the lab. Throws where the lab is down or does not have the name. */
export const resolveLabName = async (name: string): Promise<string> => {
  const { names } = await requireLab()
  const address = lookUp(names, name)
  if (!address)
    throw new Error(
      `${name} is not a name of the lab; it has ${Object.keys(names).join(', ')} ` +
        'and what is below them',
    )
  return address
}

/**
 * The answer, whatever its status: sent to the host that has the name in the lab, with the name's
 * certificate verified.
 */
export const getFromLab = async (
  url: string,
  { ca, timeout = 10_000, headers = {}, method = 'GET', body }: Options = {},
): Promise<Answer> => {
  const { hostname, protocol } = new URL(url)
  const address = isIP(hostname) ? hostname : await resolveLabName(hostname)
  const lookup: LookupFunction = (_, { all }, done) =>
    all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)
  const trust = protocol === 'https:' ? { ca: ca ?? (await readLabRoot()) } : {}
  const signal = AbortSignal.timeout(timeout)
  // agent: false: no connection is kept, so that a test sees the certificate of now.
  return await ask(url, { lookup, signal, headers, method, agent: false, ...trust }, body)
}

const readLabRoot = async () => {
  const state = await readLabState()
  return state ? await readFile(state.acme.root, 'utf8') : ''
}

const ask = (url: string, options: https.RequestOptions, body?: string) =>
  new Promise<Answer>((done, fail) => {
    const request = (url.startsWith('https:') ? https : http).request(url, options, response => {
      const parts: Buffer[] = []
      response.on('data', part => parts.push(part)).on('error', fail)
      response.on('end', () =>
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      )
    })
    request.on('error', error =>
      fail(new Error(`${options.method} ${url}: ${error.message}`, { cause: error })),
    )
    request.end(body)
  })
