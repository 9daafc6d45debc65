import { escapeCell } from './render.ts'
import type { SettingKey } from './setting-keys.ts'
import type { SettingGroup } from './settings.ts'

/** The beginning of the page. */
const head = `# Settings

\`npx zx scripts/docs.ts\` writes this page from the declarations of the roles
(\`roles/*/settings.ts\`) and of the inventory. \`npm run check\` fails if the page is out of date.

These are the keys of hosts.yaml. Each is given as a path: \`acme.email\` is the key \`email\` of
the map \`acme\`, and NAME is a name that you choose. "For all, a cluster or a server" means that
the key may be below \`all\`, \`clusters.NAME\` or a server: the nearest level wins, as
[Writing a playbook](playbooks.md#inventory) explains. A *required* key must be set on every
host that a play needs it for.
`

/** Renders docs/settings.md. The same settings give the same text. */
export const renderSettings = (groups: readonly SettingGroup[]): string =>
  [head, ...groups.map(renderGroup)].join('\n')

const renderGroup = ({ name, doc, sections }: SettingGroup): string =>
  [`## ${name}`, doc, ...sections.map(({ title, keys }) => `**${title}**\n\n${renderKeys(keys)}`)]
    .map(text => `${text}\n`)
    .join('\n')

const renderKeys = (keys: readonly SettingKey[]): string =>
  [
    '| key | type | default | |',
    '|---|---|---|---|',
    ...keys.map(
      ({ path, type, standard, doc }) =>
        `| \`${path}\` | ${[type, standard, doc].map(escapeCell).join(' | ')} |`,
    ),
  ].join('\n')
