import { createHash } from 'node:crypto'
import { change, type Diff, operation, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { defineWithin } from '../docker/within.ts'
import { type AclUser, loadAcl, mergeUsers, printAcl, readAcl } from './acl.ts'

export type RedisUser = {
  /**
   * Its passwords, each of which is valid. Empty: the rules say how it logs in (`nopass`, `off`).
   */
  readonly passwords: readonly Secret[]
  /** Its permissions, as Redis writes them: `~* &* +@all -@admin`. */
  readonly rules: string
  /**
   * True: keep other passwords of the user, as during a rotation. Default false: remove them.
   */
  readonly others?: boolean
}

export type RedisUsers = {
  /** The service's full name, such as `stage-data_redis`; its task must be on this node. */
  readonly service: string
  /** Users by name. All others are removed. */
  readonly users: Readonly<Record<string, RedisUser>>
}

/**
 * A Redis that runs as a service on this node has exactly these users, now and after a restart: its
 * ACL file beside the data lists them, and the server has read it. The server is not restarted, and
 * connections as `default` stay open.
 */
export const users = operation('redis.users', {
  name: ({ service }: RedisUsers) => service,
  probe: ({ service }) => sh`${defineWithin({ service })}
${printAcl}`,
  read: out =>
    out.exitCode === 0 && out.stdout.length > 0
      ? readAcl(out.stdout.toString())
      : unreadable(out, 'the users cannot be read'),
  plan: (now, { service, users }) => {
    const gone = [...now.users.keys()].filter(name => !Object.hasOwn(users, name))
    return change(
      [
        ...Object.entries(users).flatMap(([name, user]) =>
          diffUser(name, now.users.get(name), user),
        ),
        ...gone.map(name => ({ key: `user ${name}`, before: 'there', after: null })),
        ...(now.loading ? [{ key: 'file', before: 'not read by the server', after: 'read' }] : []),
      ],
      sh`${defineWithin({ service })}
${mergeUsers(Object.keys(users).filter(name => users[name]?.others))}
${loadAcl}`,
      { stdin: formatAcl(users) },
    )
  },
})

const diffUser = (name: string, now: AclUser | undefined, want: RedisUser): Diff => {
  const known = new Map(want.passwords.map(password => [hashTwice(password), password.toString()]))
  const has = (now?.passwords ?? []).map(hash => known.get(hash) ?? 'another').sort()
  const after = [
    ...new Set([...known.values(), ...(want.others ? has.filter(one => one === 'another') : [])]),
  ].sort()
  return [
    ...(has.join(', ') === after.join(', ')
      ? []
      : [
          {
            key: `passwords of ${name}`,
            before: has.join(', ') || null,
            after: after.join(', ') || null,
          },
        ]),
    ...(now?.rules === want.rules
      ? []
      : [{ key: `rules of ${name}`, before: now?.rules ?? null, after: want.rules }]),
  ]
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
/** Hashes a password as Redis does, and once more as the probe does. */
const hashTwice = (password: Secret): string => hash(hash(password.reveal()))

const formatAcl = (users: RedisUsers['users']): Secret =>
  new Secret(
    Object.entries(users)
      .map(([name, { passwords, rules }]) => {
        const hashes = passwords.map(password => `#${hash(password.reveal())}`)
        return `${['user', name, ...hashes, rules].join(' ')}\n`
      })
      .join(''),
    'users of Redis',
  )
