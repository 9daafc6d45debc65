import { OptionError } from '../../errors/option-error.ts'

/** Checks a unit's name with its type, and returns it. */
export const checkUnitName = (name: string): string => {
  if (
    !/^(?:[\w@.:-]|\\x[0-9a-f]{2})+\.(service|socket|timer|target|path|mount|automount|swap|slice|scope|device)$/.test(
      name,
    )
  )
    throw new OptionError({
      message: `${JSON.stringify(name)} is not a unit's name with its type`,
      next: 'use a name such as backup.service or backup.timer',
    })
  return name
}
