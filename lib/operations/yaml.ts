import { yamlFormat } from './parts/document.ts'
import { keysOf } from './parts/keys.ts'

/**
 * A YAML file has these keys with these values (or has them not). The rest of it stays as it is, comments too, and so do owner and mode; where
 * that cannot be done in place (anchors, an empty file) the whole is written anew, and the diff says so.
 */
export const yaml = keysOf('yaml', yamlFormat)
