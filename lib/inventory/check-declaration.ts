import * as z from 'zod'
import { OptionError } from '../errors/option-error.ts'
import { checkCalled } from '../operation/options.ts'

/**
 * Throws an OptionError for a declaration of settings with a key that is misspelt, whose settings
 * would be unknown in hosts.yaml, or with a value that is not a type of zod.
 */
export const checkDeclaration = (declaration: object): void => {
  const { role } = declaration as { readonly role?: unknown }
  const place = typeof role === 'string' ? `declareSettings(), ${role}` : 'declareSettings()'
  checkCalled('declareSettings()', declaration, place)
  const wrong = Object.entries(declaration)
    .filter(([section]) => !['role', 'check'].includes(section))
    .flatMap(([section, shape]) =>
      Object.entries(shape ?? {}).flatMap(([name, type]) =>
        type instanceof z.ZodType ? [] : [`${section}.${name}`],
      ),
    )
  if (wrong.length > 0)
    throw new OptionError(
      wrong.map(path => ({
        place,
        message: `${path} is not a type`,
        next: 'give a type of zod, such as z.string() or format.domain',
      })),
    )
}
