/** `debian:bookworm`, which every image of the lab starts from. */
import { access, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runLocal, tryLocal } from '../../lib/images/local-command.ts'
import { labPath, type Say } from '../../lib/inventory/lab-home.ts'
import { readMachineFiles, release } from './apt.ts'
import type { LabDocker } from './images/types.ts'
import { label } from './network.ts'
import { removeTree } from './remove-tree.ts'

export const baseRef = `debian:${release}`

/**
 * The engine has `debian:bookworm`: its own, a registry's, or one made here of Debian's packages.
 */
export const provideDebian = async (docker: LabDocker, say: Say): Promise<void> => {
  if (await docker(['image', 'inspect', baseRef]).catch(() => null)) return
  say(`${baseRef}: asking a registry`)
  if (await docker(['pull', '--quiet', baseRef], { timeout: 120_000 }).catch(() => null)) return
  say(`${baseRef}: no registry answers; made here with debootstrap (about a minute)`)
  await importTree(docker, await bootstrapDebian())
}

const slim = [
  'usr/share/doc/*',
  'usr/share/man/*',
  'usr/share/locale/*',
  'var/cache/apt/*',
  'var/lib/apt/lists/*',
]

// The archive is a cache: written whole under another name first, so that one which is there is
// complete.
// The tree has a unique name: a killed `up` may have left a debootstrap that still works on
// another.
const bootstrapDebian = async (): Promise<string> => {
  const archive = labPath('base.tar')
  if (
    await access(archive).then(
      () => true,
      () => false,
    )
  )
    return archive
  if (!(await tryLocal(['debootstrap', '--version'])))
    throw new Error(
      'no registry answers and debootstrap is not installed: apt-get install debootstrap',
    )
  const tree = labPath(`base.partial.${process.pid}`)
  const files = await readMachineFiles()
  const mirror = files['etc/apt/sources.list']?.split(' ')[1] ?? ''
  await runLocal(
    ['debootstrap', '--variant=minbase', '--include=ca-certificates', release, tree, mirror],
    { timeout: 15 * 60_000 },
  )
  await furnish(tree, files)
  await runLocal(
    [
      'tar',
      '-C',
      tree,
      ...slim.map(path => `--exclude=./${path}`),
      '-cf',
      `${archive}.partial`,
      '.',
    ],
    { timeout: 300_000 },
  )
  await runLocal(['mv', `${archive}.partial`, archive])
  await removePartials()
  return archive
}

const removePartials = async () => {
  const names = (await readdir(labPath())).filter(name => name.startsWith('base.partial.'))
  for (const name of names) await removeTree(labPath(name)).catch(() => {})
}

// Services must not start while an image is built; certificates are as on this machine.
const furnish = async (tree: string, files: Record<string, string>) => {
  for (const [path, content] of Object.entries({
    ...files,
    'usr/sbin/policy-rc.d': '#!/bin/sh\nexit 101\n',
  })) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), content)
  }
  await runLocal(['chmod', '755', join(tree, 'usr/sbin/policy-rc.d')])
  await runLocal(['chroot', tree, 'update-ca-certificates'])
}

const importTree = (docker: LabDocker, archive: string) =>
  docker(['import', '--change', 'CMD ["bash"]', '--change', `LABEL ${label}`, archive, baseRef], {
    timeout: 300_000,
  })
