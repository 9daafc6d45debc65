import type { Secret } from '../secret.ts'
import { sh } from '../sh.ts'
import { makeAdmin } from './api/admin.ts'
import type { ApiRequest } from './api/ask.ts'

const login = (password: Secret): ApiRequest => ({
  method: 'GET',
  path: '/api/user',
  user: ['admin', password],
})

const admin = makeAdmin('grafana', {
  title: 'Grafana',
  login,
  requests: (before, after) => [
    login(after),
    {
      method: 'PUT',
      path: '/api/user/password',
      user: ['admin', before],
      body: { oldPassword: before.reveal(), newPassword: after.reveal() },
    },
    login(after),
  ],
  change: sh`said=$(ask) || exit
case $said in *200) exit 0 ;; esac
said=$(ask) || exit
case $said in *200) ;; *) echo "Grafana does not change it: $said" >&2; exit 1 ;; esac
said=$(ask) || exit
case $said in *200) ;; *) echo "Grafana refuses it after the change: $said" >&2; exit 1 ;; esac`,
  seconds: 120,
  // Also what Grafana answers while it blocks a user after failed logins.
  refusal: sh`*'"Invalid username or password"'*401 | *'"Invalid password or username"'*401`,
  advice: 'if it blocks the user after failed logins, run this again in five minutes',
})

/** Grafana: the password of its administrator. */
export const grafana = {
  /**
   * Grafana's `admin` has this password, set through its API. Grafana reads its start configuration
   * only when its database is created.
   */
  password: admin.password,
  /** Grafana refuses its `admin` with this password. It is tried once for each version. */
  refuses: admin.refuses,
}
