import { InputError } from '../errors/input-error.ts'

// `[web]` or `[web:children]` alone on a line; in YAML a list in brackets stands behind a key.
const section = /^\[[\w.-]+(:(children|vars))?\]\s*$/m
// A group of YAML with what only Ansible's groups have.
const group = /^(\w[\w.-]*):\s*\n(?: +.*\n)*? +(children|hosts):\s*(\n|$)/m

/**
 * Throws an InputError where this is the text of an inventory of Ansible's, INI or YAML, which has
 * another form than hosts.yaml.
 */
export const refuseAnsibles = (text: string, file: string): void => {
  const has = section.test(text) || (!/^(clusters|environments):/m.test(text) && group.test(text))
  if (!has) return
  throw new InputError({
    place: file,
    message: 'this is an inventory of Ansible',
    next: 'hosts.yaml names clusters and the servers of each: see the one of the project, and docs/playbooks.md, "Inventory".',
  })
}
