import { OptionError } from '../../errors/option-error.ts'

/**
 * Throws if the address has a login that every user of the host could read, in arguments and files.
 * Over http a name alone is one: a token. Over ssh it is the user's.
 */
export const refuseLogin = (option: string, address: string, next: string): void => {
  if (/^(?:https?|ftps?):\/\/[^/?#]*@|^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:[^/?#]*@/i.test(address))
    throw new OptionError({
      message: `${option}: every user of the host could read the password in it`,
      next,
    })
}
