/** W1 by the other tools that are installed here. */
import { findAnsibles, runAnsible } from './ansible.ts'
import type { Ground } from './bench-hosts.ts'
import type { Server } from './delayed-server.ts'
import type { Measured, Other } from './measurement.ts'
import { showStep } from './progress.ts'
import { findPyinfra, runPyinfra } from './pyinfra.ts'
import { ENOUGH, type Left } from './rows.ts'

type Tool = {
  readonly name: string
  readonly play: (
    on: Ground,
    servers: readonly Server[],
    round: string,
    ms: number,
  ) => Promise<Measured>
}

/** Tools on PATH, and in the virtual environment that BRD_BENCH_VENV names, which comes first. */
export const findTools = (env: NodeJS.ProcessEnv): Tool[] => {
  const venv = env['BRD_BENCH_VENV']
  if (venv) env['PATH'] = `${venv}/bin:${env['PATH']}`
  return [
    ...(findPyinfra() === null ? [] : [{ name: 'pyinfra', play: runPyinfra }]),
    ...findAnsibles().map(by => ({
      name: by.name,
      play: (...[on, servers, round, ms]: Parameters<Tool['play']>) =>
        runAnsible(by, on, servers, round, ms),
    })),
  ]
}

/** How to have those that are missing. */
export const adviseTools = (tools: readonly Tool[]): string | null => {
  const missing = [
    ...(tools.some(({ name }) => name === 'pyinfra') ? [] : ["'pyinfra>=3,<4'"]),
    ...(tools.some(({ name }) => name === 'Ansible') ? [] : ['ansible-core']),
  ]
  return missing.length === 0
    ? null
    : `To compare with ${missing.join(' and ')}: python3 -m venv VENV && VENV/bin/pip install \
${missing.join(' ')}, then BRD_BENCH_VENV=VENV npm run bench -- --all`
}

/** Each on one host and on ten, first and second, once: fifty take Ansible six minutes each. */
export const measureOthers = async (
  tools: readonly Tool[],
  on: Ground,
  left: Left,
): Promise<Other[]> => {
  const all: Other[] = []
  for (const by of tools)
    for (const [hosts, what] of [
      [1, '1 host'],
      [10, '10 hosts'],
    ] as const)
      all.push(...(await measureBoth(by, on, hosts, what, left)))
  return all
}

const measureBoth = async (
  by: Tool,
  on: Ground,
  hosts: number,
  what: string,
  left: Left,
): Promise<Other[]> => {
  const servers = on.servers.slice(0, hosts)
  const round = `${by.name.replaceAll(/\W+/g, '-')}-${hosts}`
  for (const { name } of servers) on.home(round, name)
  const take = async (which: string, changed: number): Promise<Other> => {
    const row = { work: `W1, ${what}, ${which}`, by: by.name }
    if (left() < ENOUGH) return { ...row, problems: ['no time was left'] }
    showStep(`${row.work}, by ${by.name}`)
    return by.play(on, servers, round, left()).then(
      measured => ({ ...row, ...checkMeasured(measured, changed) }),
      (error: Error) => ({ ...row, problems: [`${by.name}: ${error.message}`] }),
    )
  }
  return [await take('first', 30 * hosts), await take('second', 0)]
}

/** Rejects a measurement that did not do all of the work. */
const checkMeasured = (
  measured: Measured,
  changed: number,
): Pick<Other, 'problems' | 'measured'> =>
  measured.changed === changed
    ? { problems: [], measured }
    : { problems: [`${measured.changed} changes, and not ${changed}`] }
