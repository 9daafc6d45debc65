/**
 * W1 and W2 as operations: what is measured, written once for the tool. The script of `raw.ts` does
 * the same work by hand.
 */
import { pathToFileURL } from 'node:url'
import type { Operation } from '../../lib/operation.ts'
import { directory } from '../../lib/operations/directory.ts'
import type { Path } from '../../lib/operations/file/entry.ts'
import { file } from '../../lib/operations/file.ts'
import { line } from '../../lib/operations/line.ts'
import { tree } from '../../lib/operations/tree.ts'
import { creates } from './guarded-command.ts'

/** Whose the files are: the user of the benchmark, so that it need not be root. */
export type Owner = { readonly owner: number; readonly group: number }

const countTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

/** The ten folders of W1. */
export const listFolders = (home: Path): Path[] => countTo(10).map((n): Path => `${home}/app${n}`)

/** The ten files of W1, one in each folder. */
export const listFiles = (home: Path): { readonly path: Path; readonly content: string }[] =>
  listFolders(home).map((folder, i) => ({
    path: `${folder}/site.conf`,
    content: renderSite(`app${i + 1}`, i + 1),
  }))

/** The settings that W1 edits: of the five, three are there with another value, and two are not. */
export const describeWorkload = (home: Path) => ({
  path: `${home}/settings.conf` as const,
  before: 'workers=1\nlevel=debug\ncolor=blue\nmemory=64M\nlocale=C\n',
  edits: { workers: '4', level: 'info', memory: '512M', timeout: '30', queue: 'mail' },
})

/** The five commands of W1, each with what it makes. */
export const listCommands = (home: Path): { readonly path: Path; readonly command: string }[] =>
  countTo(5).map((n): { path: Path; command: string } => ({
    path: `${home}/done${n}`,
    command: `printf 'made %s\\n' ${n} > '${home}/done${n}'`,
  }))

/** W1: thirty file tasks under a folder of the host's own. */
export const listW1 = (home: Path, own: Owner): Operation[] => {
  const { path, edits } = describeWorkload(home)
  return [
    ...listFolders(home).map(path => directory({ path, mode: '755', ...own })),
    ...listFiles(home).map(({ path, content }) => file({ path, content, mode: '644', ...own })),
    ...Object.entries(edits).map(([key, value]) => line({ path, key, value })),
    ...listCommands(home).map(it => creates(it)),
  ]
}

/** W2: a list that finds the host as it should be. */
export const listW2 = (): Operation[] => [creates({ path: '/', command: 'false' })]

/** W3: one large file, as it lies on the controller. */
export const listW3 = (home: Path, source: string, own: Owner): Operation[] => [
  file({ path: `${home}/large`, source: pathToFileURL(source), mode: '644', ...own }),
]

/** W3: a folder of files, as it lies on the controller. */
export const listW3Folder = (home: Path, source: string, own: Owner): Operation[] => [
  tree({ path: `${home}/many`, source: pathToFileURL(`${source}/`), ...own }),
]

/** About 850 bytes from one template: seven variables and two loops. */
const renderSite = (name: string, n: number): string => {
  const [domain, port, root, limit, log, user] = [
    `${name}.bench.example`,
    8000 + n,
    `/srv/${name}`,
    `${n}m`,
    `/var/log/${name}`,
    'www-data',
  ]
  const upstreams = countTo(4).map(
    i => `  server 10.0.${n}.${i}:${port} max_fails=3 fail_timeout=10s;`,
  )
  const locations = ['static', 'media', 'api'].map(
    it =>
      `  location /${it}/ {\n    root ${root}/${it};\n    expires 7d;\n    access_log off;\n  }`,
  )
  return `# ${name}: managed, do not edit by hand
user ${user};
upstream ${name} {
${upstreams.join('\n')}
  keepalive 16;
}
server {
  listen 80;
  server_name ${domain} www.${domain};
  client_max_body_size ${limit};
  access_log ${log}/access.log combined;
  error_log ${log}/error.log warn;
  root ${root}/public;
${locations.join('\n')}
  location / {
    proxy_pass http://${name};
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
  }
}
`
}
