/**
 * Flags of ansible-playbook that have another name here, or no place: what to do instead. Short
 * ones as they are typed.
 */
const replacements: Readonly<Record<string, string>> = {
  b: 'nothing to give: operations are done as root, through sudo where the login is another',
  become: 'nothing to give: operations are done as root, through sudo where the login is another',
  'become-user': 'an operation says for itself whose it is: command({ user: … })',
  'become-password-file': 'give -K, or set BRD_SUDO_PASSWORD in .env',
  u: 'set user in hosts.yaml, or for this run: -e user=NAME',
  user: 'set user in hosts.yaml, or for this run: -e user=NAME',
  'private-key':
    'set identityFile in hosts.yaml or IdentityFile in ~/.ssh/config, or add the key to an ssh agent',
  'key-file':
    'set identityFile in hosts.yaml or IdentityFile in ~/.ssh/config, or add the key to an ssh agent',
  k: 'logins are by key: add it to an ssh agent, or set identityFile in hosts.yaml',
  'ask-pass': 'logins are by key: add it to an ssh agent, or set identityFile in hosts.yaml',
  'ssh-common-args': 'set it in ~/.ssh/config, which is read',
  'ssh-extra-args': 'set it in ~/.ssh/config, which is read',
  c: 'for this machine without ssh: address: local, in hosts.yaml',
  connection: 'for this machine without ssh: address: local, in hosts.yaml',
  'syntax-check':
    'npm run check looks at the types of every playbook; --list-tasks at one, without a connection',
  'list-tags': 'give --list-tasks: it shows the tags of each operation',
  'start-at-task': 'did you mean --start-at?',
  'force-handlers':
    'nothing to give: what is owed to a service is kept on the host, and done by the next run',
  'flush-cache': 'remove .runs/facts; facts are kept only where a play says factsCache',
  'vault-password-file':
    "secrets are opened by the operator's own age key: npx zx scripts/secrets.ts --help",
  'vault-id': "secrets are opened by the operator's own age key: npx zx scripts/secrets.ts --help",
  J: "secrets are opened by the operator's own age key: npx zx scripts/secrets.ts --help",
  'ask-vault-pass':
    "secrets are opened by the operator's own age key: npx zx scripts/secrets.ts --help",
}

/**
 * What stands here in place of one of Ansible's flags, `-b` or `--become`; null for another word.
 */
export const findReplacement = (flag: string): string | null => {
  const name = flag.replace(/^-+/, '')
  const short = !flag.startsWith('--')
  return short === (name.length === 1) && Object.hasOwn(replacements, name)
    ? (replacements[name] ?? null)
    : null
}
