import { packages } from './apt/packages.ts'
import { repository } from './apt/repository.ts'

/** Debian's and Ubuntu's packages. */
export const apt = { packages, repository }
