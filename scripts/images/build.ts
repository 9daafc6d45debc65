import { checkBackupVersion } from '../../lib/images/backup-version.ts'
import { buildImage, checkRecipe } from '../../lib/images/build.ts'
import { buildRecipe, ownImages } from '../../lib/images/recipes.ts'
import { print, say } from '../../lib/report/print.ts'
import { type ImageTask, megabytes } from './task.ts'

/** Builds the images on this machine. wal-g's must have the server's version of mariadb-backup. */
export const buildAll = async ({ asked, images, client: open }: ImageTask): Promise<number> => {
  const { images: names, build: how } = asked.entry.vars.app
  const chosen =
    images.length > 0 ? images : ownImages.filter(of => of !== 'app' || how.context !== undefined)
  const recipes = ownImages.filter(of => chosen.includes(of)).map(of => buildRecipe(of, asked))
  recipes.forEach(checkRecipe)
  const client = await open()
  for (const one of recipes) {
    const check = (id: string) =>
      one.of === 'walg'
        ? checkBackupVersion(client, id, asked.here(names.mariadb))
        : Promise.resolve()
    const { id, size } = await buildImage(client, one, check, say)
    print(`${one.ref}: ${id} (${megabytes(size)})`)
  }
  if (images.length === 0 && how.context === undefined)
    say(
      `app: not built, since app.build.context of ${asked.entry.name} is set nowhere in hosts.yaml`,
    )
  return 0
}
