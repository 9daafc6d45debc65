/** The lab's own images, built again only when what they are made of changes. */
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import { readMachineFiles } from './apt.ts'
import type { LabDocker } from './images/types.ts'
import { infraAddress, label, network } from './network.ts'

export type ImageKind = 'infra' | 'host' | 'host-prebaked'

/** Where the lab's containers fetch packages through: each is downloaded once for all of them. */
export const packageCache = `http://${infraAddress}:3142`

/** The engine holds the image; resolves with its tag, which names its content. */
export const buildLabImage = async (
  kind: ImageKind,
  docker: LabDocker,
  say: Say,
): Promise<string> => {
  const parent = kind === 'host-prebaked' ? await buildLabImage('host', docker, say) : ''
  const folder = await prepareContext(kind)
  const tag = `brd-lab/${kind}:${await digestFolder(folder, parent)}`
  if (!(await docker(['image', 'inspect', tag]).catch(() => null))) {
    say(`image ${kind}: building`)
    await docker([
      'build',
      '--tag',
      tag,
      '--label',
      label,
      ...listProxyArguments(kind),
      ...(parent ? ['--build-arg', `HOST=${parent}`] : []),
      folder,
    ])
  }
  await rm(folder, { recursive: true, force: true })
  return tag
}

// The cache is a service of the infra container, which therefore is built without it.
const listProxyArguments = (kind: ImageKind) =>
  kind === 'infra' ? [] : ['--network', network.name, '--build-arg', `CACHE=${packageCache}`]

const prepareContext = async (kind: ImageKind): Promise<string> => {
  const folder = labPath('build', kind)
  await rm(folder, { recursive: true, force: true })
  await cp(join(import.meta.dirname, kind), folder, { recursive: true })
  for (const [path, content] of Object.entries(await readMachineFiles())) {
    await mkdir(dirname(join(folder, 'machine', path)), { recursive: true })
    await writeFile(join(folder, 'machine', path), content)
  }
  return folder
}

const digestFolder = async (folder: string, parent: string): Promise<string> => {
  const hash = createHash('sha256').update(parent).update(packageCache)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const path of entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort())
    hash
      .update(relative(folder, path))
      .update('\0')
      .update(await readFile(path))
      .update('\0')
  return hash.digest('hex').slice(0, 12)
}
