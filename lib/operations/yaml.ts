import { yamlFormat } from './document/document.ts'
import { keysOf } from './document/keys.ts'

/**
 * A YAML file has these keys with these values (or has them not). The rest of it stays as it is,
 * comments too, and so do owner and mode; where
 * that cannot be done in place the whole is written anew, and the diff says so. Several keys of one
 * file are best given to one operation.
 */
export const yaml = keysOf('yaml', yamlFormat)
