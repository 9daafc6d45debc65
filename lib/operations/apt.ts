import { autoremove } from './apt/autoremove.ts'
import { debconf } from './apt/debconf.ts'
import { packages } from './apt/packages.ts'
import { pin } from './apt/pin.ts'
import { repository } from './apt/repository.ts'
import { update } from './apt/update.ts'
import { upgrade } from './apt/upgrade.ts'

/** Debian's and Ubuntu's packages. */
export const apt = {
  packages,
  repository,
  pin,
  update,
  upgrade,
  autoremove,
  debconf,
}
