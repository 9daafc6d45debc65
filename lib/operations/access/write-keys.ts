import type { Change, Diff } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'
import { runAs } from './run-as.ts'
import { takeBackUnlessProven } from './take-back.ts'

type Write = {
  readonly user: string
  readonly uid: string
  readonly gid: string
  /** Whether this run logs in as the user: then a new login must prove the file. */
  readonly isLogin: boolean
  readonly diff: Diff
  readonly data: Buffer
}

/** Puts the file in place, with the folder and the rights that sshd asks for. */
export const writeKeys = ({ user, uid, gid, isLogin, diff, data }: Write): Change => {
  const write = putKeys(user, `${uid}:${gid}`, data.length)
  if (!isLogin) return { diff, stdin: data, apply: write }
  return {
    diff,
    stdin: data,
    apply: takeBackUnlessProven({
      name: 'keys',
      save: sh`${enterHome(user)}
[ ! -f .ssh/authorized_keys ] ||
  ${runAs(user, sh`cat .ssh/authorized_keys`)} >"$w/keys" </dev/null`,
      change: write,
      undo: sh`${enterHome(user)}
[ -d .ssh ] && [ ! -h .ssh ] && cd -P .ssh || exit 1
if [ -e "$w/keys" ]; then ${runAs(user, replaceKeys(sh`:`))} <"$w/keys"
else ${runAs(user, sh`rm -f authorized_keys`)}; fi`,
    }),
    provenByLogin: true,
    seconds: 150,
  }
}

const enterHome = (user: string): Sh =>
  sh`h=$(getent passwd ${user} | cut -d : -f 6) && cd -P -- "$h" && h=$(pwd -P) || exit 1`

/**
 * The home is the user's to change at any moment. Root touches only the folder, which is entered
 * first and must be the real one; the user writes the file.
 */
const putKeys = (user: string, owner: string, bytes: number): Sh => sh`${enterHome(user)}
[ -e .ssh ] || [ -h .ssh ] || mkdir -m 700 .ssh || exit 1
cd -P .ssh && [ "$(pwd -P)" = "\${h%/}/.ssh" ] ||
  { echo '.ssh is not a real folder: nothing was written' >&2; exit 1; }
chown ${owner} . && chmod 00700 . || exit 1
${runAs(user, replaceKeys(sh`[ "$(wc -c <"$t")" -eq ${bytes} ]`))}`

/** In one step, by what comes on stdin. */
const replaceKeys = (isWhole: Sh): Sh => sh`umask 077
t=.authorized_keys.brd; rm -f "$t"; trap 'rm -f "$t"' 0; trap 'exit 143' HUP INT TERM
( set -C; cat >"$t" ) && ${isWhole} ||
  { echo 'the keys did not arrive whole; the file is as it was' >&2; exit 1; }
sync "$t" && mv -f -T "$t" authorized_keys && sync .`
