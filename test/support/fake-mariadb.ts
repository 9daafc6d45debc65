import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dockerProgram, writePrograms } from './sandbox.ts'

/**
 * What a MariaDB knows: a line for each user, `name@host password open|locked DEFINED`, where
 * DEFINED counts what is defined as it.
 */
export type MariadbUsers = readonly string[]

/**
 * MariaDB's client and server in one, as far as users go: it logs in with what its option file
 * says, and knows the statements of these operations. As a program, because the
 * scripts of operations start it; of shell, because they start it often.
 */
const client = `#!/bin/sh
here=$(dirname "$0")/..
for word; do case $word in --defaults-extra-file=*) file=\${word#*=} ;; esac; done
user= password= host=localhost
while IFS== read -r name value; do
  case $name in user | password) eval "$name=\\$value" ;; host) host=% ;; esac
done <"$file"
found=$(grep "^$user@$host " "$here/users")
set -- "$@" end
case $found in
  "$user@$host $password open "*) ;;
  "$user@$host $password locked "*)
    echo 'ERROR 4151 (HY000): Access denied, this account is locked' >&2; exit 1 ;;
  *) echo "ERROR 1045 (28000): Access denied for user '$user'" >&2; exit 1 ;;
esac
sql=; while [ $# -gt 1 ]; do [ "$1" != --execute ] || sql=$2; shift; done
[ -n "$sql" ] || sql=$(cat)
edit() { sed "$1" "$here/users" >"$here/users.new" && mv "$here/users.new" "$here/users"; }
printf '%s\\n' "$sql" | tr ';' '\\n' | while read -r one; do
  who=$(printf '%s\\n' "$one" | sed -n "s/.*'\\([a-z0-9]*\\)'@'\\([^']*\\)'.*/\\1@\\2/p")
  case $one in
    'ALTER USER '*'IDENTIFIED BY '*)
      password=$(printf '%s\\n' "$one" | sed "s/.*BY '\\(.*\\)'/\\1/")
      edit "s/^\\($who\\) [^ ]*/\\1 $password/" ;;
    'ALTER USER '*'ACCOUNT LOCK') edit "s/^\\($who [^ ]*\\) open/\\1 locked/" ;;
    'DROP USER '*) edit "/^$who /d" ;;
    *"WHERE User = 'root'"*)
      while read -r name password rest; do
        case $name in root@*) echo "\${name#*@} $(cat "$here/hashes/$password")" ;; esac
      done <"$here/users" ;;
    *information_schema*)
      who=$(printf '%s\\n' "$one" |
        sed "s/.*User = '\\([^']*\\)' AND Host = '\\([^']*\\)'.*/\\1@\\2/")
      sed -n "s/^$who [^ ]* //p" "$here/users" ;;
    'DO 0' | 'SELECT 1' | 'KILL CONNECTION USER '* | '') ;;
    *) echo "no such statement here: $one" >&2; exit 1 ;;
  esac || exit
done
`

/** A password as the probes of these operations print it. */
export const hashPassword = (password: string): string => {
  const sha1 = (text: string | Buffer): Buffer => createHash('sha1').update(text).digest()
  return createHash('sha256')
    .update(`*${sha1(sha1(password)).toString('hex').toUpperCase()}`)
    .digest('hex')
}

/** Where the container's files are, on a machine that is a folder. */
export const MARIADB_FOLDERS = [
  '/var/lib/mysql',
  '/run/secrets',
  '/dev/shm',
  '/var/lib/brd',
] as const

/**
 * The folder is a machine with these users, and with these logins of the administrator in the
 * container.
 */
export const prepareMariadb =
  (users: MariadbUsers, logins: Readonly<Record<string, string>>) =>
  (folder: string): void => {
    writePrograms(folder, { docker: dockerProgram, mariadb: client })
    for (const of of [...MARIADB_FOLDERS, '/hashes'])
      mkdirSync(join(folder, of), { recursive: true })
    for (const password of ['first', 'second', 'old-password', 'new-password'])
      writeFileSync(join(folder, 'hashes', password), hashPassword(password))
    writeFileSync(join(folder, 'users'), users.map(line => `${line}\n`).join(''))
    for (const [path, password] of Object.entries(logins))
      writeFileSync(join(folder, path), `[client]\nuser=root\npassword=${password}\n`)
  }

/** The users that are left. */
export const readUsers = (folder: string): MariadbUsers =>
  readFileSync(join(folder, 'users'), 'utf8').trim().split('\n')
