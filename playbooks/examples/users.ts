#!/usr/bin/env -S npx zx
/**
 * The people of a team: `npx zx playbooks/examples/users.ts --on all --check --diff`. Their
 * accounts, keys and sudo. Accounts of people who left are removed.
 */
import { authorizedKeys } from '../../lib/operations/authorizedKeys.ts'
import { group } from '../../lib/operations/group.ts'
import { sudoers } from '../../lib/operations/sudoers.ts'
import { user } from '../../lib/operations/user.ts'
import { playbook } from '../../lib/playbook.ts'

type Person = {
  /** Lines of authorized_keys: these and no others open the account. */
  readonly keys: readonly string[]
  /** Whether they may become root. Default: they may look at the journal only. */
  readonly admin?: boolean
}

/** The people of the team. The keys are invented: replace them by those of your people. */
const people: Readonly<Record<string, Person>> = {
  'shop-anna': {
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGExampleKeyOfAnnaNotARealOneAtAll00000000000 anna@laptop',
    ],
    admin: true,
  },
  'shop-boris': {
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGExampleKeyOfBorisNotARealOneAtAll0000000000 boris@laptop',
    ],
  },
}

/** People who have left: their accounts are removed, their files stay. */
const left = ['shop-carl', 'shop-dora']

const run = await playbook(import.meta, {
  about: 'The accounts, keys and sudo rules of a team; accounts of people who left are removed.',
  flags: { on: { type: 'string', help: 'the hosts, as a pattern; required', required: true } },
})

const named = Object.entries(people)
const admins = named.filter(([, { admin }]) => admin).map(([name]) => name)

await run.play(run.hosts(run.flags.on), () => ({
  groups: [group({ name: 'shop-team' })],
  // All accounts before all keys: a missing account is waited for once.
  accounts: named.map(([name]) => user({ name, groups: ['shop-team', 'systemd-journal'] })),
  keys: named.map(([name, { keys }]) => authorizedKeys({ user: name, keys })),
  sudo: [
    sudoers({
      name: 'shop-admins',
      rules: [
        '# Those who may become root, by their key',
        ...admins.map(name => `${name} ALL=(ALL:ALL) NOPASSWD: ALL`),
      ],
    }),
  ],
  leavers: left.map(name => user({ name, state: 'absent' })),
}))
