import { OptionError } from '../../errors/option-error.ts'

/** The end of a unit's name that is its type. */
export const UNIT_TYPE = /\.(service|socket|timer|target|path|mount|automount|swap|slice|scope)$/

/** Whether a name is that of a template: only its instances are units that systemd can show. */
export const isTemplate = (name: string): boolean => /@\.\w+$/.test(name)

/** A name or pattern for the units that are loaded of it: of a template, its instances. */
export const matchUnits = (name: string): string =>
  isTemplate(name) ? name.replace('@.', '@*.') : name

/** Checks a unit's name with its type, and returns it. */
export const checkUnitName = (name: string): string => {
  if (!/^[\w@.:\\-]+$/.test(name) || !UNIT_TYPE.test(name))
    throw new OptionError({
      message: `${JSON.stringify(name)} is not a unit's name with its type`,
      next: 'use a name such as backup.service, backup.timer or srv-my\\x2ddata.mount',
    })
  return name
}
