/** What a program of the backups printed, or left in the storage, is not what it should be. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}
