/** W1 by the other tools that are installed here. */
import { type Ansible, ansible, installedAnsibles } from './ansible.ts'
import type { Ground } from './ground.ts'
import type { Measured, Other } from './measured.ts'
import { ENOUGH, type Left } from './rows.ts'

/** Each on one host and on ten, first and second, once: fifty take Ansible six minutes for each. */
export const others = async (on: Ground, left: Left): Promise<Other[]> => {
  const all: Other[] = []
  for (const by of installedAnsibles())
    for (const [hosts, what] of [
      [1, '1 host'],
      [10, '10 hosts'],
    ] as const)
      all.push(...(await both(by, on, hosts, what, left)))
  return all
}

const both = async (
  by: Ansible,
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
    return ansible(by, on, servers, round, left()).then(
      measured => ({ ...row, ...sound(measured, changed) }),
      (error: Error) => ({ ...row, problems: [`${by.name}: ${error.message}`] }),
    )
  }
  return [await take('first', 30 * hosts), await take('second', 0)]
}

/** A measurement of other work than all of it is none. */
const sound = (measured: Measured, changed: number): Pick<Other, 'problems' | 'measured'> =>
  measured.changed === changed
    ? { problems: [], measured }
    : { problems: [`${measured.changed} changes, and not ${changed}`] }
