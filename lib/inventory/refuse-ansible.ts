import { InputError } from '../errors/input-error.ts'
import { suggest } from '../errors/suggest.ts'

// `[web]` or `[web:children]` alone on a line; in YAML a list in brackets follows a key.
const section = /^\[[\w.-]+(:(children|vars))?\][ \t\r]*$/m
const ours = ['clusters', 'servers', 'environments']
const key = /^\w[\w.-]*(?=:)/
const group = /^\w[\w.-]*:\s*$/
const member = /^ +(children|hosts):\s*$/

/**
 * Throws an InputError if the text is an Ansible inventory, in INI or YAML: its form is another
 * than that of hosts.yaml.
 */
export const refuseAnsible = (text: string, file: string): void => {
  if (!section.test(text) && (hasOurKey(text) || !hasAnsibleGroup(text))) return
  throw new InputError({
    place: file,
    message: 'this is an inventory of Ansible',
    next: 'hosts.yaml names clusters and their servers: see docs/playbooks.md, "Inventory".',
  })
}

/**
 * Whether a key at the root is one of ours, or one of them misspelt. A group of Ansible's such as
 * `dbservers` begins with other letters.
 */
const hasOurKey = (text: string): boolean =>
  text.split('\n').some(line => {
    const [name = ''] = key.exec(line) ?? []
    const meant = name === '' ? null : suggest(name, ours)
    return meant !== null && name.slice(0, 2) === meant.slice(0, 2)
  })

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
