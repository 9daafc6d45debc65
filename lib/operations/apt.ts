import { autoremove } from './apt/autoremove.ts'
import { debconf } from './apt/debconf.ts'
import { packages } from './apt/packages.ts'
import { pin } from './apt/pin.ts'
import { repository } from './apt/repository.ts'
import { update } from './apt/update.ts'
import { upgrade } from './apt/upgrade.ts'

/** Debian's and Ubuntu's packages. */
export const apt = {
  /** These packages are installed, or removed. */
  packages,
  /** apt has a package source whose key is trusted for this source only. */
  repository,
  /** apt takes these packages from this source or in this version. */
  pin,
  /** The package lists are no older than this. */
  update,
  /** Every package is of the newest version that the lists have, but for those that are held. */
  upgrade,
  /** Packages that were installed only as dependencies and are no longer needed are removed. */
  autoremove,
  /** debconf has these answers to what a package asks when it is installed. */
  debconf,
}
