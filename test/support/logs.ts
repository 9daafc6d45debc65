/** Logs in a cluster of the lab, asked in the language that is understood there. */
import * as assert from 'uvu/assert'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { getFromLab } from '../../scripts/lab/reach.ts'
import { skip } from '../../scripts/test/skip.ts'
import type { Container } from './isolation.ts'

/** A line, with the labels of its stream. */
export type LogLine = { readonly text: string; readonly labels: Readonly<Record<string, string>> }

export type Logs = {
  /** False where VictoriaLogs stands in for Loki: then nothing answers LogQL. */
  readonly isLoki: boolean
  /** The newest lines with these labels, and with this text in them. */
  readonly find: (labels: Readonly<Record<string, string>>, text?: string) => Promise<LogLine[]>
  /** How many rows a query in Loki's own language has. */
  readonly countLogQl: (query: string) => Promise<number>
  /** How many rows a query in the language of VictoriaLogs has. */
  readonly countLogsQl: (query: string) => Promise<number>
}

/** What keeps the logs of the cluster with this domain; skips where nothing keeps them. */
export const logsOf = async (cluster: string, domain: string): Promise<Logs> => {
  const store = await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })
  const password = store.get(`${cluster}/traefik-admin`).reveal()
  const headers = {
    authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
  }
  const ask = async (path: string, values: Record<string, string>): Promise<string> => {
    const { status, body } = await getFromLab(
      `https://loki.${domain}${path}?${new URLSearchParams(values)}`,
      { headers },
    )
    assert.is(status, 200, `${path} ${JSON.stringify(values)}: ${body}`)
    return body
  }
  const ready = await getFromLab(`https://loki.${domain}/ready`, { headers })
  const isLoki = ready.headers['x-stand-in'] === undefined
  if (!isLoki && !ready.body.includes('VictoriaLogs'))
    skip('the stand-in for Loki on this machine keeps no logs')
  const logQl = async (query: string): Promise<Result[]> =>
    JSON.parse(await ask('/loki/api/v1/query_range', { query })).data.result
  const logsQl = async (query: string): Promise<Record<string, string>[]> => {
    const rows = await ask('/select/logsql/query', { query, limit: '100' })
    return rows
      .split('\n')
      .filter(Boolean)
      .map(row => JSON.parse(row))
  }
  return {
    isLoki,
    find: async (labels, text = '') => {
      const stream = streamOf(labels)
      return isLoki
        ? linesOfLoki(await logQl(`${stream} |= ${JSON.stringify(text)}`))
        : (await logsQl(`${stream} ${substring(text)}`)).map(lineOfVictoriaLogs)
    },
    countLogQl: async query => (await logQl(query)).length,
    countLogsQl: async query => (await logsQl(query)).length,
  }
}

/** The labels that each line of this container has, by Alloy's configuration. */
export const labelsOf = (
  { name, stack, service }: Pick<Container, 'name' | 'stack' | 'service'>,
  node: string,
  environment?: string,
): Record<string, string> => ({
  stack,
  service_name: service,
  container: name,
  node,
  ...(environment === undefined
    ? {}
    : { environment, service: service.slice(service.indexOf('_') + 1) }),
})

type Result = {
  readonly stream: Record<string, string>
  readonly values: readonly (readonly [at: string, text: string])[]
}

// Both languages write the choice of streams alike.
const streamOf = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`

const substring = (text: string): string =>
  text === '' ? '' : `_msg:~${JSON.stringify(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))}`

const linesOfLoki = (results: readonly Result[]): LogLine[] =>
  results.flatMap(({ stream, values }) => values.map(([, text]) => ({ text, labels: stream })))

const lineOfVictoriaLogs = ({ _msg = '', ...fields }: Record<string, string>): LogLine => ({
  text: _msg,
  labels: Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith('_'))),
})
