const root = 'nothing to do: operations run as root, through sudo if the login is another user'
const user = 'set user in hosts.yaml, or for this run: -e user=NAME'
const identity =
  'set identityFile in hosts.yaml or IdentityFile in ~/.ssh/config, or add the key to an ssh agent'
const keys = 'logins use keys: add yours to an ssh agent, or set identityFile in hosts.yaml'
const ssh = 'set it in ~/.ssh/config'
const local = 'for this machine without ssh: address: local, in hosts.yaml'
const vault = "secrets open with the operator's own age key: npx zx scripts/secrets.ts --help"

/**
 * What to do instead of a flag of ansible-playbook that has another name here, or no counterpart.
 * One letter is a short flag.
 */
const replacements: Readonly<Record<string, string>> = {
  b: root,
  become: root,
  'become-user': 'an operation names its user itself: command({ user: … })',
  'become-password-file': 'use -K, or set BRD_SUDO_PASSWORD in .env',
  u: user,
  user,
  'private-key': identity,
  'key-file': identity,
  k: keys,
  'ask-pass': keys,
  'ssh-common-args': ssh,
  'ssh-extra-args': ssh,
  c: local,
  connection: local,
  'syntax-check':
    'npm run check checks the types of every playbook; --list-tasks checks one, offline',
  'list-tags': 'use --list-tasks: it shows the tags of each operation',
  'start-at-task': 'did you mean --start-at?',
  'force-handlers':
    'nothing to do: a pending restart is recorded on the host, and the next run makes it',
  'flush-cache': 'remove .runs/facts; facts are cached only if a play sets factsCache',
  'vault-password-file': vault,
  'vault-id': vault,
  J: vault,
  'ask-vault-pass': vault,
}

/** Finds what replaces a flag of Ansible's, `-b` or `--become`; null for any other word. */
export const findReplacement = (flag: string): string | null => {
  const name = flag.replace(/^-+/, '')
  const short = !flag.startsWith('--')
  return short === (name.length === 1) && Object.hasOwn(replacements, name)
    ? (replacements[name] ?? null)
    : null
}
