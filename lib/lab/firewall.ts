/** What starting dockerd changes of this machine's network, remembered before and put back after. */
import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { at } from './home.ts'
import { attempt } from './shell.ts'

type Before = { forwarding: string; policy: string }

const forwarding = '/proc/sys/net/ipv4/ip_forward'

/** The state before the engine's first start is on record; a record that is there is not overwritten. */
export const remember = async (): Promise<void> => {
  if (
    await access(at('machine-before.json')).then(
      () => true,
      () => false,
    )
  )
    return
  const policy = (await rules('filter')).find(rule => rule.startsWith('-P FORWARD'))?.split(' ')[2] ?? 'ACCEPT'
  const before: Before = { forwarding: (await readFile(forwarding, 'utf8')).trim(), policy }
  await writeFile(at('machine-before.json'), JSON.stringify(before))
}

/** Docker's rules are gone, forwarding and its policy are as they were; all is left alone while another engine uses them. */
export const restore = async (): Promise<void> => {
  const before = await readFile(at('machine-before.json'), 'utf8').then(
    text => JSON.parse(text) as Before,
    () => null,
  )
  if (before && !(await anotherEngine())) {
    for (const table of ['filter', 'nat']) await sweep(table)
    await attempt(['iptables', '-P', 'FORWARD', before.policy])
    await writeFile(forwarding, before.forwarding)
  }
  await rm(at('machine-before.json'), { force: true })
}

const anotherEngine = async () => (await attempt(['docker', 'version'], { timeout: 5_000 })) !== null

const rules = async (table: string) => ((await attempt(['iptables', '-t', table, '-S'])) ?? '').split('\n')

const isDockers = (rule: string) => /^-A .*( -j DOCKER|brd-lab|10\.213\.)/.test(rule) || /^-A DOCKER/.test(rule)

const sweep = async (table: string) => {
  const all = await rules(table)
  const words = (rule: string) => rule.split(' ').slice(1)
  for (const rule of all.filter(isDockers)) await attempt(['iptables', '-t', table, '-D', ...words(rule)])
  for (const rule of all.filter(rule => rule.startsWith('-N DOCKER'))) await attempt(['iptables', '-t', table, '-X', ...words(rule)])
}
