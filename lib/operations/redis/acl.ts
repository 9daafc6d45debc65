import { Unknown } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'

/** The ACL file of a Redis: beside its data, so that it survives a restart. */
export const ACL_FILE = '/data/users.acl'

/**
 * Rules of the user for health checks, which needs no password: it may ping and reload the ACL
 * file, which changes nothing.
 */
export const HEALTH_RULES = 'on nopass resetkeys resetchannels -@all +ping +acl|load'

// In one line: other text would change the stack's compose file, and restart Redis.
const createFile =
  `[ -s ${ACL_FILE} ] || ` +
  `printf 'user default off\\nuser health ${HEALTH_RULES}\\n' >${ACL_FILE}`

/** Starts Redis with its ACL file. A missing file is created first, without any login. */
export const startWithAcl = (config: string): string => `${createFile}
rm -f ${ACL_FILE}.loading
exec docker-entrypoint.sh redis-server ${config}`

const readFile = `cat ${ACL_FILE} && { [ ! -e ${ACL_FILE}.loading ] || echo loading; }`

/**
 * Prints the users, with each password hashed once more, and `loading` if a change was interrupted
 * before the server read it. Needs `within`.
 */
export const printAcl: Sh = sh`acl=$(within sh -c ${readFile} </dev/null) || exit
set -f
printf '%s\n' "$acl" | while read -r line; do
  for word in $line; do
    case $word in '#'*) word="#$(printf %s "\${word#?}" | sha256sum | cut -c 1-64)" ;; esac
    printf '%s ' "$word"
  done
  echo
done`

export type AclUser = { readonly passwords: readonly string[]; readonly rules: string }

/** Reads what `printAcl` printed. A line that is not understood makes the whole unknown. */
export const readAcl = (
  text: string,
): { readonly users: ReadonlyMap<string, AclUser>; readonly loading: boolean } | Unknown => {
  const lines = text.split('\n').map(line => line.trim().split(' '))
  const strange = lines.find(([kind]) => kind !== '' && kind !== 'user' && kind !== 'loading')
  if (strange) return new Unknown(`a line of the users is not understood: ${strange[0]}`)
  const users = lines.flatMap(([kind, name = '', ...words]) =>
    kind === 'user'
      ? [
          [
            name,
            {
              passwords: listHashes(words),
              rules: words.filter(word => !word.startsWith('#')).join(' '),
            },
          ] as const,
        ]
      : [],
  )
  return { users: new Map(users), loading: lines.some(([kind]) => kind === 'loading') }
}
const listHashes = (words: readonly string[]): string[] =>
  words.filter(word => word.startsWith('#')).map(word => word.slice(1))

/**
 * Sets `$new` to the new file from stdin, and adds the passwords that these users have in the
 * current file.
 */
export const mergeUsers = (
  others: readonly string[],
): Sh => sh`new=$(cat) && old=$(within cat ${ACL_FILE} </dev/null) || exit
new=$(printf '%s\n---\n%s\n' "$old" "$new" |
  awk -v others=${` ${others.join(' ')} `} ${merge}) || exit`

const merge = `
$0 == "---" { wanted = 1; next }
!wanted {
  if (index(others, " " $2 " "))
    for (i = 3; i <= NF; i++) if ($i ~ /^#/) kept[$2] = kept[$2] " " $i
  next
}
{
  own = " " $0 " "; user = $2; n = split(kept[user], hash, " ")
  for (i = 1; i <= n; i++) if (!index(own, " " hash[i] " ")) $2 = $2 " " hash[i]
  print
}`

const putFile = `umask 077; file=${ACL_FILE}
load() { redis-cli --user health --pass health --no-auth-warning ACL LOAD; }
cat >$file.new && [ "$(wc -c <$file.new)" -eq $(($1 + 1)) ] || {
  echo 'the users did not arrive whole' >&2
  exit 1
}
cp -p $file $file.before && : >$file.loading && sync $file.new && mv -f $file.new $file || exit
said=$(load)
[ "$said" = OK ] || {
  mv -f $file.before $file && load >/dev/null && rm -f $file.loading
  echo "Redis refuses the users: $said" >&2
  exit 1
}
rm -f $file.before $file.loading`

/** Replaces the file with `$new` and has the server read it. Restores the old one if it refuses. */
export const loadAcl: Sh = sh`printf '%s\n' "$new" |
  within_as redis sh -c ${putFile} sh "\${#new}"`
