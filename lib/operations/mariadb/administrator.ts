import { change, operation, unreadable } from '../../operation.ts'
import { Secret } from '../../secret.ts'
import { sh } from '../../sh.ts'
import { nameLocation } from '../docker/within.ts'
import {
  defineSql,
  formatLoginFile,
  type MariadbServer,
  quoteAccount,
  quoteText,
  ROOT_LOGIN,
} from './container.ts'
import { hashPassword } from './hashed.ts'

export type Administrator = MariadbServer & {
  /** The password of every `root` account that has one. */
  readonly password: Secret
}

/**
 * The administrator's accounts with their passwords; or that the server refuses every login file,
 * as after a restore of another server's data.
 */
type Now = readonly (readonly [host: string, password: string])[] | 'refused'

/**
 * The administrator of a MariaDB that runs as a service on this node has this password, and so has
 * the login file beside the data. The server is not restarted for it. After an interruption at any
 * point one of the login files is valid. If restored data already have this password, only the
 * login file is written.
 */
export const administrator = operation('mariadb.administrator', {
  name: (want: Administrator) => nameLocation(want),
  probe: want => sh`${defineSql(want)}
said=$(printf '%s' ${asked} | sql 2>&1) || case $said in
  *'ERROR 1045'*) said=refused ;;
  *) printf '%s\n' "$said" >&2; exit 1 ;;
esac
printf '%s\n' "$said"`,
  read: (out): Now | ReturnType<typeof unreadable> => {
    const said = out.stdout.toString().trim()
    const lines = said.split('\n').filter(line => /^\S+ [0-9a-f]{64}$/.test(line))
    if (out.exitCode !== 0 || (said !== 'refused' && lines.length === 0))
      return unreadable(out, 'the administrator cannot be read')
    return said === 'refused' ? 'refused' : lines.map(line => line.split(' ') as [string, string])
  },
  plan: (now, want) => {
    const others =
      now === 'refused'
        ? []
        : now
            .filter(([, password]) => password !== hashPassword(want.password))
            .map(([host]) => host)
    const password = quoteText(want.password.reveal())
    const statements = others
      .map(
        host => `ALTER USER ${quoteAccount({ user: 'root', host })} IDENTIFIED BY ${password};\n`,
      )
      .join('')
    const file = formatLoginFile('root', want.password.reveal(), 'socket=/run/mysqld/mysqld.sock\n')
    return change(
      now === 'refused'
        ? [{ key: 'login', before: 'refused by the server', after: want.password.toString() }]
        : others.map(host => ({
            key: `root@${host}`,
            before: 'another password',
            after: want.password.toString(),
          })),
      sh`${defineSql(want)}
read -r line && printf '%s' "$line" | base64 -d | within sh -c ${taken} || exit
${now === 'refused' ? sh`:` : sh`sql`} && within sh -c ${kept} </dev/null`,
      {
        stdin: new Secret(
          `${Buffer.from(file).toString('base64')}\n${statements}`,
          `SQL with ${want.password.name}`,
        ),
      },
    )
  },
})

const asked = [
  "SELECT CONCAT(Host, ' ', SHA2(UPPER(JSON_VALUE(Priv, '$.authentication_string')), 256))",
  "FROM mysql.global_priv WHERE User = 'root'",
  "AND JSON_VALUE(Priv, '$.authentication_string') LIKE '*%'",
].join(' ')

const works = `mariadb --defaults-extra-file=${ROOT_LOGIN}.new --execute 'DO 0'`

// Writes the new login file before the server knows its password. A file that an interrupted change
// left, and that the server accepts, is kept first.
const taken = `umask 077
[ ! -e ${ROOT_LOGIN}.new ] || ! ${works} 2>/dev/null ||
  mv -f ${ROOT_LOGIN}.new ${ROOT_LOGIN}.cnf || exit
cat >${ROOT_LOGIN}.new && sync ${ROOT_LOGIN}.new`
const kept = `${works} && mv -f ${ROOT_LOGIN}.new ${ROOT_LOGIN}.cnf`
