import { OptionError } from '../errors/option-error.ts'
import { change, differences, operation, Unknown, unreadable } from '../operation.ts'
import { sh } from '../sh.ts'
import { refuseKeyLoss } from './access/keep-login.ts'
import { checkPath, type Path, printEntry, readEntry } from './file/entry.ts'
import { enterFolderOf, workBeside } from './file/folder.ts'
import { printLacks } from './file/lacks.ts'
import { checkRemoval, planRemoval } from './file/removal.ts'

export type Link = {
  /** The path of the symlink, absolute. A file there is replaced; a folder is an error. */
  readonly path: Path
} & (
  | {
      /** What it points at, as written into it. It need not exist. */
      readonly target: string
      /**
       * `absent`: there is no symlink. A file or a folder at the path is an error. Default present.
       */
      readonly state?: 'present'
    }
  | { readonly state: 'absent'; readonly target?: never }
)

/** A symlink points at exactly this, or is absent. It is replaced in one step. */
export const link = operation('link', {
  want: (want: Link) => {
    if (want.state === 'absent') return checkRemoval(want.path)
    if (want.target === '' || /[\0\n]/.test(want.target))
      throw new OptionError({ message: 'target: one line is expected' })
    return { path: checkPath(want.path), state: 'present' as const, target: want.target }
  },
  name: ({ path }) => path,
  paths: ({ path }) => [path],
  probe: ({ path, state }) => sh`${printEntry(path)}
${state === 'absent' ? sh`:` : printLacks({ path })}
${refuseKeyLoss(path, false)}
case $s in symbolic*) readlink ${path};; esac`,
  read: out => {
    const [first = '', target = ''] = out.stdout.toString().split('\n')
    const entry = out.exitCode === 0 ? readEntry(first) : undefined
    return entry === undefined ? unreadable(out) : entry && { ...entry, target }
  },
  plan: (now, want) => {
    const { path } = want
    if (want.state === 'absent') return planRemoval(now, path, ['symlink'])
    const { target } = want
    if (now && now.type !== 'symlink' && now.type !== 'file')
      return new Unknown(`${path} is a ${now.type}, and a symlink is wanted: remove it first`)
    const here =
      now?.type === 'symlink' ? { type: 'symlink', target: now.target } : now && { type: now.type }
    return change(
      differences(here, { type: 'symlink', target }),
      sh`( ${enterFolderOf(path)}
${workBeside}
ln -s ${target} "$t" || exit 1
mv -f -T "$t" "$p" 2>/dev/null ||
  { [ ! -h "$p" ] || rm -f "$p"; mv -f -T "$t" "$p"; } || explain "$p"
) || exit 1`,
    )
  },
})
