/** A unit's name with its type; otherwise an error at once. */
export const checkUnitName = (kind: string, name: string): string => {
  if (!/^[\w@.:-]+\.(service|socket|timer|target|path|mount|slice)$/.test(name))
    throw new Error(`${kind}: ${JSON.stringify(name)} is not a unit's name with its type`)
  return name
}
