import { OptionError } from '../errors/option-error.ts'
import { toScriptError } from '../errors/script-error.ts'
import { describeGiven } from '../operation/describe.ts'

/** Ends the script with an error for what is not a list of hosts, such as a pattern. */
export const checkHosts = (place: string, hosts: unknown): void => {
  const isList = Array.isArray(hosts)
  if (isList && hosts.every(isHost)) return
  const wrong = isList ? hosts.find(one => !isHost(one)) : hosts
  throw toScriptError(
    new OptionError({
      place,
      message: `${describeGiven(wrong)} is not a ${isList ? 'host' : 'list of hosts'}`,
      next:
        typeof wrong === 'string'
          ? `write run.hosts(${JSON.stringify(wrong)})`
          : "give hosts of run.hosts('…')",
    }),
  )
}

const isHost = (value: unknown): boolean =>
  typeof (value as { readonly name?: unknown } | null | undefined)?.name === 'string'
