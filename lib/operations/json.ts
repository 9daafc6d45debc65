import { jsonFormat } from './document/document.ts'
import { defineKeys } from './document/keys.ts'

/**
 * A JSON file has these keys with these values, or does not have them. The rest of it stays as it
 * is, byte by byte, with its comments, its owner and its mode. Give several keys of one file to one
 * operation: it is then read and written once.
 */
export const json = defineKeys('json', jsonFormat)
