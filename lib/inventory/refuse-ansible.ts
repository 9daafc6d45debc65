import { InputError } from '../errors/input-error.ts'

// `[web]` or `[web:children]` alone on a line; in YAML a list in brackets follows a key.
const section = /^\[[\w.-]+(:(children|vars))?\]\s*$/m
const ours = /^(clusters|servers|environments):/m
const group = /^\w[\w.-]*:\s*$/
const member = /^ +(children|hosts):\s*$/

/**
 * Throws an InputError if the text is an Ansible inventory, in INI or YAML: its form is another
 * than that of hosts.yaml.
 */
export const refuseAnsible = (text: string, file: string): void => {
  if (!section.test(text) && (ours.test(text) || !hasAnsibleGroup(text))) return
  throw new InputError({
    place: file,
    message: 'this is an inventory of Ansible',
    next: 'hosts.yaml names clusters and their servers: see docs/playbooks.md, "Inventory".',
  })
}

/**
 * Whether a group has `hosts:` or `children:` on one of the indented lines below it. Line by line:
 * one expression over all lines takes exponential time.
 */
const hasAnsibleGroup = (text: string): boolean => {
  let inGroup = false
  return text.split('\n').some(line => {
    if (inGroup && member.test(line)) return true
    if (!line.startsWith(' ') && line.trim() !== '') inGroup = group.test(line)
    return false
  })
}
