import { join } from 'node:path'
import { parseImage } from '../../lib/compose/image.ts'
import { InputError } from '../../lib/errors/input-error.ts'
import { pushImage, type RegistryLogin } from '../../lib/images/push.ts'
import { nameImage, type PlacedImage } from '../../lib/images/recipes.ts'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { print, say } from '../../lib/report/print.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { filterPlaced, type ImageTask, printReference } from './task.ts'

/** Pushes the images to the registry and prints their digests. */
export const pushAll = async (task: ImageTask): Promise<number> => {
  const refs = listImages(task)
  const login = await readLogin(task)
  const client = await task.client()
  for (const [of, ref] of refs) {
    say(`${ref}: to the registry`)
    const digest = await pushImage(client, ref, login)
    print(`${ref}: ${digest}`)
    printReference(task.asked.entry.name, of, `${ref}@${digest}`)
  }
  return 0
}

/** Lists the images and their names, which must be in the registry of hosts.yaml. */
const listImages = ({ asked, images }: ImageTask): (readonly [PlacedImage, string])[] => {
  const { address } = asked.entry.vars.app.registry
  if (address === undefined)
    throw new InputError({
      place: `environments.${asked.entry.name}`,
      message: 'app.registry.address is required',
      next:
        'Set it, for this environment or in all.app. Without a registry: ' +
        'npx zx scripts/images.ts carry.',
    })
  const all = filterPlaced(images).map(of => [of, nameImage(of, asked)] as const)
  const fits = all.filter(([, ref]) => parseImage(ref).host === address)
  const other = all.find(one => !fits.includes(one))
  if (other && (images.length > 0 || fits.length === 0))
    throw createRegistryError(asked, other, address)
  return fits
}

const createRegistryError = (
  { place }: ImageTask['asked'],
  [of, ref]: readonly [PlacedImage, string],
  address: string,
): InputError =>
  new InputError({
    place: place(`app.images.${of}`),
    message: `${ref} is not in the registry ${address}`,
    next: `Name it ${address}/….`,
  })

/** Reads the login; null if hosts.yaml names no user. */
const readLogin = async ({
  asked: { entry, root, place },
  lab,
}: ImageTask): Promise<RegistryLogin | null> => {
  const { address = '', user, password } = entry.vars.app.registry
  if (user === undefined) return null
  const store = await openStore(
    lab
      ? { path: labPath('secrets.age'), key: labPath('age.key') }
      : { path: join(root, 'secrets/brd.age') },
  )
  if (store.has(password)) return { address, user, password: store.get(password) }
  throw new InputError({
    place: place('app.registry.user'),
    message: `the password of ${user} at ${address} is not in the store: ${password}`,
    next: `Set it with: npx zx scripts/secrets.ts set ${password}${lab ? ' --lab' : ''}`,
  })
}
