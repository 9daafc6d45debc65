import { change, differences, operation, Unknown } from '../operation.ts'
import { sh } from '../sh.ts'
import { keepLogin, refuseKeyLoss } from './access/keep-login.ts'
import {
  checkPath,
  completeRights,
  exactMode,
  type Path,
  pickRights,
  printEntry,
  type Rights,
  readOnlyEntry,
} from './file/entry.ts'
import { enterFolderOf } from './file/folder.ts'
import { printLacks, promiseFolders } from './file/lacks.ts'
import { checkRemoval, planRemoval } from './file/removal.ts'

export type Directory = {
  /**
   * Absolute, on the host. Missing folders above it are created too (root, 755). A file or a
   * symlink at this path is an error.
   */
  readonly path: Path
} & Rights &
  (
    | {
        /** `absent`: there is no folder. One that the system needs is refused. Default present. */
        readonly state?: 'present'
        readonly recursive?: never
      }
    | {
        readonly state: 'absent'
        /** Also removes what is in the folder, but never across a mount. Default false. */
        readonly recursive?: boolean
      }
  )

/**
 * A folder has exactly this owner and mode, or is absent. A present folder keeps what is in it.
 */
export const directory = operation('directory', {
  want: (want: Directory) =>
    want.state === 'absent'
      ? { ...checkRemoval(want.path), recursive: want.recursive ?? false }
      : { path: checkPath(want.path), state: 'present' as const, ...completeRights(want, '755') },
  name: ({ path }) => path,
  makes: want => (want.state === 'absent' ? [] : promiseFolders(want.path)),
  probe: want =>
    want.state === 'absent'
      ? sh`${printEntry(want.path)}
${refuseKeyLoss(want.path, want.recursive)}`
      : sh`${printEntry(want.path)}
${printLacks({ owner: want.owner, group: want.group })}`,
  read: out => readOnlyEntry(out),
  plan: (now, want) => {
    if (want.state === 'absent') return planRemoval(now, want.path, ['directory'], want.recursive)
    const { path, mode, owner, group } = want
    if (now && now.type !== 'directory')
      return new Unknown(
        `${path} is a ${now.type}, and a folder is wanted: ` +
          'remove it first, or name the folder behind it',
      )
    const diff = differences(now && { type: now.type, ...pickRights(now, want) }, {
      type: 'directory',
      mode,
      owner,
      group,
    })
    return change(
      diff,
      sh`${enterFolderOf(path, '755')}
[ -d "./$name" ] || mkdir -m 700 "./$name" || exit 1
if [ -n "$shared" ]; then step "$name"
else [ ! -h "./$name" ] && cd -P "./$name" || exit 1; fi
${keepLogin(sh`chown ${`${owner}:${group}`} . && chmod ${exactMode(mode)} . || explain .`)}`,
    )
  },
})
