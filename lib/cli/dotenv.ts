import { join } from 'node:path'
import { config } from 'dotenv'

/**
 * The operator's own values of `.env` in that folder are in the environment, but for those that
 * were set there already. Secrets of the store never are.
 */
export const loadEnvironment = (folder: string): void => {
  config({ path: join(folder, '.env'), quiet: true })
}
