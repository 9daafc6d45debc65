import { constants } from 'node:os'

/** Describes an exit code. Shells report a command that a signal ended as 128 plus its number. */
export const describeExit = (exitCode: number): string => {
  const { signals } = constants
  const signal = Object.entries(signals).find(([, number]) => exitCode - 128 === number)?.[0]
  return signal ? `ended by ${signal} (exit ${exitCode})` : `exit ${exitCode}`
}
