import { OptionError } from '../../errors/option-error.ts'
import { type Sh, sh } from '../../sh.ts'
import { exactMode, normalizeMode, type Rights } from '../file/entry.ts'

/** Which files of the tree a rule is for, what they should have, and the command that sets it. */
export type Rule = {
  readonly key: string
  readonly after: string
  readonly some: Sh
  readonly differ: Sh
  readonly mend: Sh
}
/** The owner and the group of everything but symlinks. */
export const makeOwnerRules = ({ owner, group }: Rights): Rule[] =>
  Object.entries({ owner, group }).flatMap(([key, name]) => {
    if (name === undefined) return []
    if (!/^([a-zA-Z_][\w.-]*\$?|\d+)$/.test(String(name)))
      throw new OptionError({
        message: `${key}: ${JSON.stringify(name)} is not a name or a number`,
      })
    const [differ, mend] =
      key === 'owner'
        ? [sh`! -user ${name}`, sh`chown ${name}`]
        : [sh`! -group ${name}`, sh`chgrp ${name}`]
    return [{ key, after: String(name), some: sh`! -type l`, differ, mend }]
  })

/** The mode of some of what is there. */
export const makeModeRule = (key: string, mode: string, some: Sh): Rule => ({
  key,
  after: normalizeMode(mode),
  some,
  differ: sh`! -perm ${normalizeMode(mode)}`,
  mend: sh`chmod ${exactMode(normalizeMode(mode))}`,
})
