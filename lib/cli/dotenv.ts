import { join } from 'node:path'
import { parse, populate } from 'dotenv'
import { isThere } from '../disk/presence.ts'
import { readTextFile } from '../errors/read-text.ts'

/**
 * Loads `.env` of that folder into the environment. Variables that are set already win. Secrets of
 * the store never enter the environment. A file that cannot be read is an InputError.
 */
export const loadEnvironment = (folder: string): void => {
  const path = join(folder, '.env')
  if (isThere(path)) populate(process.env as Record<string, string>, parse(readTextFile(path)))
}
