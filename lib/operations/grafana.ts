import { operation } from '../operation.ts'
import type { Secret } from '../secret.ts'
import { sh } from '../sh.ts'
import { ask, type Request, requests } from './api/ask.ts'
import type { Change, Password } from './api/password.ts'
import { once } from './once.ts'

/**
 * Grafana's `admin` logs in with this password: changed by its API where it was another one.
 * Grafana reads what it is started with only when its database is made.
 */
const password = operation('grafana.password', {
  from: ({ before, ...want }: Change, meta) =>
    once(
      {
        name: `admin of ${want.host} has the password ${want.password.name}`,
        mark: want.mark,
        run: sh`${ask(want)}
said=$(ask) || exit
case $said in *200) exit 0 ;; esac
said=$(ask) || exit
case $said in *200) ;; *) echo "Grafana does not change it: $said" >&2; exit 1 ;; esac
said=$(ask) || exit
case $said in *200) ;; *) echo "Grafana does not take the new one: $said" >&2; exit 1 ;; esac`,
        stdin: requests(want, [
          who(want.password),
          changed(before, want.password),
          who(want.password),
        ]),
        seconds: 120,
      },
      meta,
    ),
})

/** It was shown that Grafana refuses its `admin` with this password. */
const refuses = operation('grafana.refuses', {
  from: (want: Password, meta) =>
    once(
      {
        name: `admin of ${want.host} is refused with the old password`,
        mark: want.mark,
        run: sh`${ask(want)}
said=$(ask) || exit
case $said in *401) ;; *) echo "Grafana answers: $said" >&2; exit 1 ;; esac`,
        stdin: requests(want, [who(want.password)]),
      },
      meta,
    ),
})

export const grafana = { password, refuses }

const who = (password: Secret): Request => ({
  method: 'GET',
  path: '/api/user',
  user: ['admin', password],
})

const changed = (before: Secret, after: Secret): Request => ({
  method: 'PUT',
  path: '/api/user/password',
  user: ['admin', before],
  body: { oldPassword: before.reveal(), newPassword: after.reveal() },
})
