import { Unknown } from '../../operation.ts'
import { quoteText } from './container.ts'

type Account = { readonly user: string; readonly host: string }

/** SQL that is ` self` if the account is that by which the server is administered, or empty. */
export const printSelf = ({ user, host }: Account): string =>
  `IF(CURRENT_USER() = ${quoteText(`${user}@${host}`)}, ' self', '')`

/** The account by which the server is administered is not changed by itself. */
export const refuseSelf = ({ user, host }: Account): Unknown =>
  new Unknown(
    `refused: the server is administered as ${user}@${host}, which would lose its way in: ` +
      'change its password with mariadb.administrator, the rest with another account (login)',
  )
