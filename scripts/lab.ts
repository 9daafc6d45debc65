#!/usr/bin/env -S npx zx
/** Real servers on this machine: `npx zx scripts/lab.ts up | down | status | ssh HOST | reset`. */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { askYes, canAsk } from '../lib/report/ask.ts'
import { print, say } from '../lib/report/print.ts'
import { down } from './lab/down.ts'
import { canInstall, install, listMissing } from './lab/install.ts'
import { listSshArguments } from './lab/keys.ts'
import { type HostName, hostNames } from './lab/network.ts'
import { howToInstall } from './lab/own-engine.ts'
import { describeLab } from './lab/status.ts'
import { type ImageGroup, imageGroups, reset, up } from './lab/up.ts'

const usage = `npx zx scripts/lab.ts up [--yes] [--prebaked] [--images none|tools|all]
                        raise the lab, or heal it; --yes installs what is missing;
                        images: of the clusters' tools alone, or of environments too
                      down [--purge]               nothing is left but caches; --purge: nor those
                      status                       what runs, where, and what this kernel lacks
                      ssh HOST [COMMAND…]          a shell on a host, as ops
                      reset [HOST…] [--prebaked]   hosts as new; default: all of them
hosts: ${hostNames.join(', ')}`

// A reader that went away (`| head`) ends the lines, not the work.
process.stdout.on('error', () => {})

const parseHosts = (names: readonly string[]): HostName[] =>
  names.map(name => {
    if (!hostNames.includes(name as HostName))
      throw new Error(`${name} is not a host of the lab: ${hostNames.join(', ')}`)
    return name as HostName
  })

const parseImages = (word: string): ImageGroup => {
  const found = imageGroups.find(group => group === word)
  if (!found) throw new Error(`--images ${word}: it is one of ${imageGroups.join(', ')}`)
  return found
}

const prepare = async (yes: boolean) => {
  const packages = await listMissing()
  if (packages.length === 0) return
  const lacking = `the lab needs ${packages.join(', ')}`
  if (!(await canInstall())) throw new Error(`${lacking}: ${howToInstall}`)
  if (!yes && !canAsk()) throw new Error(`${lacking}: add --yes to have it installed`)
  if (!yes && !(await askYes(`${lacking}. Install it?`, false)))
    throw new Error(`${lacking}; nothing was changed`)
  await install(packages, print)
}

const openShell = async ([name = '', ...command]: string[]) => {
  await requireLab()
  const [host] = parseHosts([name])
  return (
    spawnSync('ssh', [...listSshArguments(host!), ...command], { stdio: 'inherit' }).status ?? 255
  )
}

const commands: Record<string, (rest: string[]) => Promise<number>> = {
  up: async rest => {
    const { values } = parseArgs({
      args: rest,
      options: {
        yes: { type: 'boolean', short: 'y' },
        prebaked: { type: 'boolean' },
        images: { type: 'string', default: 'all' },
      },
    })
    const images = parseImages(values.images)
    await prepare(values.yes ?? false)
    await up(print, { prebaked: values.prebaked ?? false, images })
    for (const line of await describeLab()) print(line)
    return 0
  },
  down: async rest => {
    const { values } = parseArgs({ args: rest, options: { purge: { type: 'boolean' } } })
    await down(print, { purge: values.purge ?? false })
    print('the lab is down')
    return 0
  },
  status: async () => {
    for (const line of await describeLab()) print(line)
    return 0
  },
  ssh: openShell,
  reset: async rest => {
    const { values, positionals } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { prebaked: { type: 'boolean' } },
    })
    await reset(positionals.length > 0 ? parseHosts(positionals) : hostNames, print, {
      prebaked: values.prebaked ?? false,
    })
    print('as new')
    return 0
  },
}

const [word = '', ...rest] = readArguments(import.meta)
const command = commands[word]
if (!command) {
  say(usage)
  process.exitCode = word === '--help' || word === '-h' ? 0 : 1
} else {
  process.exitCode = await command(rest).then(
    code => code,
    error => {
      say(error instanceof Error ? error.message : String(error))
      return (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') ? 1 : 2
    },
  )
}
