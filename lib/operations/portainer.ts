import { operation } from '../operation.ts'
import type { Secret } from '../secret.ts'
import { sh } from '../sh.ts'
import { ask, type Request, requests } from './api/ask.ts'
import type { Change, Password } from './api/password.ts'
import { once } from './once.ts'

/**
 * Portainer's `admin` logs in with this password: changed by its API where it was another one.
 * Portainer reads what it is started with only when its database is made.
 */
const password = operation('portainer.password', {
  from: ({ before, ...want }: Change, meta) =>
    once(
      {
        name: `admin of ${want.host} has the password ${want.password.name}`,
        mark: want.mark,
        run: sh`${ask(want)}
said=$(ask) || exit
case $said in *'"jwt"'*) exit 0 ;; esac
said=$(ask) || exit
token=$(printf '%s\n' "$said" | sed -n 's/.*"jwt" *: *"\([^"]*\)".*/\1/p')
[ -n "$token" ] || { echo "Portainer takes neither the old password nor the new one: $said" >&2; exit 1; }
said=$(ask "$token") || exit
case $said in *200 | *204) ;; *) echo "Portainer does not change it: $said" >&2; exit 1 ;; esac
said=$(ask) || exit
case $said in *'"jwt"'*) ;; *) echo "Portainer does not take the new one: $said" >&2; exit 1 ;; esac`,
        stdin: requests(want, [
          login(want.password),
          login(before),
          changed(before, want.password),
          login(want.password),
        ]),
        seconds: 150,
      },
      meta,
    ),
})

/** It was shown that Portainer refuses its `admin` with this password. */
const refuses = operation('portainer.refuses', {
  from: (want: Password, meta) =>
    once(
      {
        name: `admin of ${want.host} is refused with the old password`,
        mark: want.mark,
        run: sh`${ask(want)}
said=$(ask) || exit
case $said in *401 | *403 | *422) ;; *) echo "Portainer answers: $said" >&2; exit 1 ;; esac`,
        stdin: requests(want, [login(want.password)]),
      },
      meta,
    ),
})

export const portainer = { password, refuses }

const login = (password: Secret): Request => ({
  method: 'POST',
  path: '/api/auth',
  body: { username: 'admin', password: password.reveal() },
})

// The first user, whom the first start makes.
const changed = (before: Secret, after: Secret): Request => ({
  method: 'PUT',
  path: '/api/users/1/passwd',
  body: { password: before.reveal(), newPassword: after.reveal() },
})
