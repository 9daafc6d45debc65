import type { Secret } from '../secret.ts'
import { sh } from '../sh.ts'
import { makeAdmin } from './api/admin.ts'
import type { ApiRequest } from './api/ask.ts'
import { environment } from './portainer/environment.ts'

const login = (password: Secret): ApiRequest => ({
  method: 'POST',
  path: '/api/auth',
  body: { username: 'admin', password: password.reveal() },
})

const admin = makeAdmin('portainer', {
  title: 'Portainer',
  login,
  requests: (before, after) => [
    login(after),
    login(before),
    {
      method: 'PUT',
      path: '/api/users/1/passwd', // the first user, which the first start creates
      body: { password: before.reveal(), newPassword: after.reveal() },
    },
    login(after),
  ],
  change: sh`said=$(ask) || exit
case $said in *'"jwt"'*) exit 0 ;; esac
said=$(ask) || exit
token=$(printf '%s\n' "$said" | sed -n 's/.*"jwt" *: *"\([^"]*\)".*/\1/p')
[ -n "$token" ] || {
  echo "Portainer refuses both the old password and the new one: $said" >&2
  exit 1
}
said=$(ask "$token") || exit
case $said in *200 | *204) ;; *) echo "Portainer does not change it: $said" >&2; exit 1 ;; esac
said=$(ask) || exit
case $said in
  *'"jwt"'*) ;;
  *) echo "Portainer refuses it after the change: $said" >&2; exit 1 ;;
esac`,
  seconds: 150,
  refusal: sh`*422`,
  advice: 'after too many logins it answers 403 for an hour: run this again then',
})

/** Portainer: the password of its administrator, and the agents that it manages. */
export const portainer = {
  /**
   * Portainer's `admin` has this password, set through its API. Portainer reads its start
   * configuration only when its database is created.
   */
  password: admin.password,
  /** Portainer refuses its `admin` with this password. It is tried once for each version. */
  refuses: admin.refuses,
  /**
   * Portainer has an environment of these agents: without one its console is empty, while it
   * answers as if it were well.
   */
  environment,
}
