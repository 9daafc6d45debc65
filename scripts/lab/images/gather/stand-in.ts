/** Stand-ins: one small program for all; what differs is data. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StandIn } from '../recipe.ts'
import type { Kit } from './kit.ts'

/** The context holds the Dockerfile of this stand-in and what it answers. */
export const writeStandIn = async (recipe: StandIn, { into }: Kit): Promise<void> => {
  await writeFile(join(into, 'stand-in.json'), JSON.stringify(listAnswers(recipe), null, 2) + '\n')
  await writeFile(join(into, 'Dockerfile'), renderDockerfile(recipe))
}

const listAnswers = ({ for: name, ports, health, pages = ['/'] }: StandIn) => ({
  name,
  ports,
  health,
  pages,
})

/** Its entry point, ports, folders and user are those of the official image. */
export const renderDockerfile = ({ entrypoint, user, ports, folders }: StandIn): string =>
  [
    'FROM debian:bookworm',
    'RUN apt-get update && apt-get install --yes --no-install-recommends python3 && ' +
      'rm -rf /var/lib/apt/lists/* /var/cache/apt/*',
    'COPY stand-in.py stand-in.json /stand-in/',
    `RUN ${prepare(entrypoint, user, folders)}`,
    `EXPOSE ${ports.join(' ')}`,
    `USER ${user}`,
    `ENTRYPOINT ["${entrypoint}"]`,
    '',
  ].join('\n')

const prepare = (entrypoint: string, user: string, folders: readonly string[]) =>
  [
    `install -D -m 755 /stand-in/stand-in.py ${entrypoint}`,
    ...folders.map(folder => `mkdir -p ${folder} && chown ${user} ${folder}`),
  ].join(' && ')
