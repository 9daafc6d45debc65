/** A user's or group's name that every tool takes; otherwise an error at once. */
export const accountName = (name: string): string => {
  if (!/^[a-z_][a-z0-9_-]{0,30}\$?$/.test(name))
    throw new Error(
      `${JSON.stringify(name)} is not a user's or group's name: a-z, 0-9, _ and -, 31 characters at most`,
    )
  return name
}
