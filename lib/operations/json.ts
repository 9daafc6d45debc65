import { jsonFormat } from './document/document.ts'
import { keysOf } from './document/keys.ts'

/**
 * A JSON file has these keys with these values (or has them not). The rest of it stays as it is,
 * byte by byte, its comments too; so do owner and
 * mode. Several keys of one file are best given to one operation: it is read and written once.
 */
export const json = keysOf('json', jsonFormat)
