import { join } from 'node:path'
import { config } from 'dotenv'

/**
 * Loads `.env` of that folder into the environment. Variables that are set already win. Secrets of
 * the store never enter the environment.
 */
export const loadEnvironment = (folder: string): void => {
  config({ path: join(folder, '.env'), quiet: true })
}
