import { yamlFormat } from './document/document.ts'
import { defineKeys } from './document/keys.ts'

/**
 * A YAML file has these keys with these values, or does not have them. The rest of it stays as it
 * is, with its comments, its owner and its mode; if that is impossible in place, the whole file is
 * written anew, and the diff says so. Give several keys of one file to one operation.
 */
export const yaml = defineKeys('yaml', yamlFormat)
