/**
 * What starting dockerd changes of this machine's network, remembered before and put back after.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { isThere, passMissing } from '../../lib/disk/presence.ts'
import { tryLocal } from '../../lib/images/local-command.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { findEngines } from './engines.ts'
import { bridge, space } from './network.ts'

type Before = { forwarding: string; policy: string }

const forwarding = '/proc/sys/net/ipv4/ip_forward'

/**
 * The state before the engine's first start is on record; a record that is there is not
 * overwritten.
 */
export const rememberFirewall = async (): Promise<void> => {
  if (isThere(labPath('machine-before.json'))) return
  const policy =
    (await readRules('filter')).find(rule => rule.startsWith('-P FORWARD'))?.split(' ')[2] ??
    'ACCEPT'
  const before: Before = { forwarding: (await readFile(forwarding, 'utf8')).trim(), policy }
  await writeFile(labPath('machine-before.json'), JSON.stringify(before))
}

/**
 * The lab's rules are gone; Docker's own, forwarding and its policy are as they were, unless
 * another engine still needs them.
 */
export const restoreFirewall = async (): Promise<void> => {
  const text = await readFile(labPath('machine-before.json'), 'utf8').catch(passMissing)
  const before = text === null ? null : (JSON.parse(text) as Before)
  const shared = (await findEngines()).length > 0
  for (const table of ['filter', 'nat']) await sweep(table, shared ? isLabs : isDockers)
  if (before && !shared) {
    for (const table of ['filter', 'nat']) await removeChains(table)
    await tryLocal(['iptables', '-P', 'FORWARD', before.policy])
    await writeFile(forwarding, before.forwarding)
  }
  await rm(labPath('machine-before.json'), { force: true })
}

const readRules = async (table: string) =>
  ((await tryLocal(['iptables', '-t', table, '-S'])) ?? '').split('\n')

const isLabs = (rule: string) =>
  rule.startsWith('-A') && [...Object.values(bridge), ` ${space}`].some(word => rule.includes(word))
const isDockers = (rule: string) => isLabs(rule) || /^-A (.* -j )?DOCKER/.test(rule)

const splitRule = (rule: string) => rule.split(' ').slice(1)

const sweep = async (table: string, ours: (rule: string) => boolean) => {
  for (const rule of (await readRules(table)).filter(ours))
    await tryLocal(['iptables', '-t', table, '-D', ...splitRule(rule)])
}

const removeChains = async (table: string) => {
  for (const rule of (await readRules(table)).filter(rule => rule.startsWith('-N DOCKER')))
    await tryLocal(['iptables', '-t', table, '-X', ...splitRule(rule)])
}
