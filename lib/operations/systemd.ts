import { operation } from '../operation.ts'
import { absentUnit } from './systemd/absent.ts'
import { unitFile } from './systemd/file.ts'

export type Unit = {
  /**
   * The unit's file name: `backup.service`, `backup.timer`. A unit that a package installed is not
   * removed: remove the package, or stop the unit with `service`.
   */
  readonly name: string
} & (
  | {
      /** `absent`: the unit is stopped and its files are removed. Default present. */
      readonly state?: 'present'
      /** The file's whole text. */
      readonly content: string
      /**
       * The name of a drop-in for an existing unit: `limits` makes NAME.d/limits.conf. Default: the
       * unit itself.
       */
      readonly dropIn?: string
    }
  | { readonly state: 'absent'; readonly content?: never; readonly dropIn?: never }
)

/** Unit files of systemd. */
export const systemd = {
  /**
   * A unit file or drop-in of the administrator has exactly this text, and systemd has read it. Use
   * `service` to start the unit. An absent unit is stopped, does not start at boot, and has no
   * files.
   */
  unit: operation('systemd.unit', {
    from: (want: Unit, meta) =>
      want.state === 'absent' ? absentUnit({ name: want.name }, meta) : unitFile(want, meta),
  }),
}
