/**
 * The Docker engines that share this machine's network, as processes. Those inside containers have
 * separate networks and do not count.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'

export type Engine = {
  pid: number /** The file that it was started with, or null. */
  config: string | null
}

/** All that run now. */
export const findEngines = async (): Promise<Engine[]> => {
  const network = await readlink('/proc/self/ns/net')
  const found = (await listProcesses()).map(async id =>
    (await isEngine(id, network)) ? [{ pid: Number(id), config: await readConfigPath(id) }] : [],
  )
  return (await Promise.all(found)).flat()
}

/**
 * What an engine that was killed leaves running: its containerd and the containers' keepers, known
 * by the folder that they run in.
 */
export const findChildren = async (folder: string): Promise<number[]> => {
  const found = (await listProcesses()).map(async id => {
    const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')
    return /^[^\0]*containerd/.test(line) && line.includes(`${folder}/`) ? [Number(id)] : []
  })
  return (await Promise.all(found)).flat()
}

const listProcesses = async () => (await readdir('/proc')).filter(name => /^\d+$/.test(name))

// A zombie (an engine that ended and nobody waited for) has lost its network, so it does not count
// either.
const isEngine = async (id: string, network: string): Promise<boolean> => {
  const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')
  return (
    name.trim() === 'dockerd' && (await readlink(`/proc/${id}/ns/net`).catch(() => '')) === network
  )
}

const readConfigPath = async (id: string): Promise<string | null> => {
  const words = (await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).split('\0')
  const flag = words.indexOf('--config-file')
  return flag < 0 ? null : (words[flag + 1] ?? null)
}
