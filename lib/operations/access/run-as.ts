import { type Sh, sh } from '../../sh.ts'

/**
 * The fragment as this user, in the current folder and with the stdin that is there: no name that
 * the user may change leads root elsewhere. The user's own files are written and read so.
 */
export const runAs = (user: string, fragment: Sh): Sh => sh`( set -- sh -c ${fragment.text}
[ "$(id -un)" = ${user} ] || set -- runuser -u ${user} -- "$@"
exec "$@" )`
