import { OptionError } from '../errors/option-error.ts'
import { operation } from '../operation.ts'
import { sh } from '../sh.ts'
import { file } from './file.ts'

export type Sudoers = {
  /** The file below /etc/sudoers.d. sudo passes over names with a dot or a tilde. */
  readonly name: string
  /**
   * Lines as sudoers(5) has them: `deploy ALL=(ALL) NOPASSWD: ALL`. The aliases they use stand
   * among them.
   */
  readonly rules: readonly string[]
}

/**
 * sudo has these rules. A mistake in them is found by visudo before they are put in place: one bad
 * file would lock out everyone.
 */
export const sudoers = operation('sudoers', {
  from: ({ name, rules }: Sudoers, meta) => {
    if (!/^[\w-]+$/.test(name))
      throw new OptionError({
        message: `name: sudo ignores a file named ${JSON.stringify(name)}`,
        next: 'use letters, digits, _ and -',
      })
    return file(
      {
        path: `/etc/sudoers.d/${name}`,
        content: `${rules.join('\n')}\n`,
        mode: '440',
        validate: path => sh`visudo -csf ${path} >&2`,
      },
      meta,
    )
  },
})
