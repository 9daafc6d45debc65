import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { checked, type Path, printEntry, readEntry } from './file/entry.ts'
import { beside, rename } from './file/put.ts'

export type Link = {
  /** Where the symlink is. Absolute. A file there is replaced by it; a folder is an error. */
  readonly path: Path
  /** What it points at, as written into it. It need not be there. */
  readonly target: string
}

/** A symlink that points at exactly this. It is replaced in one step. */
export const link = operation('link', {
  want: (want: Link) => {
    if (want.target === '' || /[\0\n]/.test(want.target))
      throw new OptionError({ message: 'target: one line is expected' })
    return { path: checked(want.path) as Path, target: want.target }
  },
  name: ({ path }: Link) => path,
  paths: want => [want.path],
  probe: ({ path }) => sh`${printEntry(path)}
case $s in symbolic*) readlink ${path};; esac`,
  read: out => {
    const [first = '', target = ''] = out.stdout.toString().split('\n')
    const entry = out.rc === 0 ? readEntry(first) : undefined
    return entry === undefined ? unreadable(out) : entry && { type: entry.type, target }
  },
  plan: (now, { path, target }) => {
    if (now && now.type !== 'symlink' && now.type !== 'file')
      return new Unknown(`${path} is a ${now.type}, and a symlink is wanted: remove it first`)
    const here =
      now?.type === 'symlink' ? { type: 'symlink', target: now.target } : now && { type: now.type }
    return change(
      differences(here, { type: 'symlink', target }),
      sh`t=${beside(path)}; rm -f "$t" && ln -s ${target} "$t" && ${rename(sh`"$t"`, path)}`,
    )
  },
})
