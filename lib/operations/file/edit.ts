import { type Sh, sh } from '../../sh.ts'
import { addLoginCheck } from '../access/keep-login.ts'
import { enterFolderOfFile, workBeside } from './folder.ts'
import { checkNew, moveInPlace, refuseForeign } from './put.ts'

export type Validate = {
  /**
   * A check of the new version, at a path beside the final one, before it is put in place: ``path
   * => sh`visudo -cf ${path}` ``. Default: none.
   */
  readonly validate?: (path: Sh) => Sh
}

/** The file as it is when `printNew` runs. */
export const PRESENT = sh`"$was"`

/**
 * Replaces a present file in one step by what the fragment prints, with the owner, the mode and the
 * attributes of the old one. A symlink is followed, unless another user can change it. The fragment
 * reads `PRESENT`, so it sees the file as it is at that moment.
 */
export const editFile = (
  path: string | Sh,
  printNew: Sh,
  validate?: (path: Sh) => Sh,
): Sh => sh`( ${enterFolderOfFile(path)}
${workBeside}
[ -n "$was" ] && [ -f "$was" ] && [ ! -h "$was" ] ||
  { echo 'no such file:' ${path} >&2; exit 1; }
${refuseForeign}
cp -a "$was" "$t" && { ${printNew}
} >"$t" || exit 1
${checkNew(typeof path === 'string' ? addLoginCheck(path, validate) : validate)}${moveInPlace}
) || exit 1`
