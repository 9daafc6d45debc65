import { type Sh, sh } from '../../sh.ts'

export type Validate = {
  /**
   * A check of the new version, at a path beside the final one, before it is put in place: ``path
   * => sh`visudo -cf ${path}` ``. Default: none.
   */
  readonly validate?: (path: Sh) => Sh
}

/**
 * Replaces a present file in one step by what the fragment prints, with the owner and mode of the
 * old one. A symlink is followed. The fragment reads the path itself, so it sees the file as it is
 * at that moment.
 */
export const editFile = (
  path: string | Sh,
  printNew: Sh,
  validate?: (path: Sh) => Sh,
): Sh => sh`p=$(readlink -f ${path}) && [ -f "$p" ] || { echo 'no such file:' ${path} >&2; exit 1; }
t=\${p%/*}/.\${p##*/}.brd
rm -f "$t" || exit 1
trap 'rm -f "$t"' 0; trap 'exit 143' HUP INT TERM
cp -p "$p" "$t" && { ${printNew}
} >"$t" || exit 1
${
  validate
    ? sh`( ${validate(sh`"$t"`)}
) || { echo 'the new content was refused by its check; the file is as it was' >&2; exit 1; }
`
    : sh``
}sync "$t" && mv -f "$t" "$p" && sync "\${p%/*}/"`
