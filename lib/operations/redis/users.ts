import { createHash } from 'node:crypto'
import { change, type Diff, operation, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { within } from '../docker/within.ts'
import { type AclUser, acl, loaded, merged, printed } from './acl.ts'

export type RedisUser = {
  /**
   * What it may log in with, each of these. None: the rules say how it is known (`nopass`, `off`).
   */
  readonly passwords: readonly Secret[]
  /** What it may do, as Redis writes it: `~* &* +@all -@admin`. */
  readonly rules: string
  /**
   * Passwords that it has besides stay, as while one takes over from another. Default false: they
   * are taken away.
   */
  readonly others?: boolean
}

export type RedisUsers = {
  /** The service's full name (`stage-data_redis`); its task is on this node. */
  readonly service: string
  /** By name. Others are taken away. */
  readonly users: Readonly<Record<string, RedisUser>>
}

/**
 * The users of a Redis that runs as a service on this node are these, now and after a restart: its
 * ACL file, which lies with its data, says so, and the server has read it. It is not
 * restarted, and whoever is connected as `default` stays so.
 */
export const users = operation('redis.users', {
  name: ({ service }: RedisUsers) => service,
  probe: ({ service }) => sh`${within({ service })}
${printed}`,
  read: out =>
    out.rc === 0 && out.stdout.length > 0
      ? acl(out.stdout.toString())
      : unreadable(out, 'the users cannot be read'),
  plan: (now, { service, users }) => {
    const gone = [...now.users.keys()].filter(name => !Object.hasOwn(users, name))
    return change(
      [
        ...Object.entries(users).flatMap(([name, user]) =>
          differs(name, now.users.get(name), user),
        ),
        ...gone.map(name => ({ key: `user ${name}`, before: 'there', after: null })),
        ...(now.loading ? [{ key: 'file', before: 'not read by the server', after: 'read' }] : []),
      ],
      sh`${within({ service })}
${merged(Object.keys(users).filter(name => users[name]?.others))}
${loaded}`,
      { stdin: file(users) },
    )
  },
})

const differs = (name: string, now: AclUser | undefined, want: RedisUser): Diff => {
  const known = new Map(want.passwords.map(password => [twice(password), password.toString()]))
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

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
/** As a probe prints a password: the hash of what Redis keeps, which is a hash itself. */
const twice = (password: Secret): string => sha256(sha256(password.reveal()))

const file = (users: RedisUsers['users']): Secret =>
  new Secret(
    Object.entries(users)
      .map(
        ([name, { passwords, rules }]) =>
          `${['user', name, ...passwords.map(one => `#${sha256(one.reveal())}`), rules].join(' ')}\n`,
      )
      .join(''),
    'users of Redis',
  )
