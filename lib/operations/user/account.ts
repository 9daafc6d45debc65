import { OptionError } from '../../errors/option-error.ts'
/** Returns the name if every tool takes it as a user's or a group's; otherwise throws. */
export const checkAccountName = (name: string): string => {
  if (!/^[a-z_][a-z0-9_-]{0,30}\$?$/.test(name))
    throw new OptionError({
      message: `${JSON.stringify(name)} is not a user's or group's name`,
      next: 'use a-z, 0-9, _ and -, at most 31 characters',
    })
  return name
}
