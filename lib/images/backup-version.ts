/** Checks that wal-g's image makes backups with the server's own version of MariaDB. */
import { type DockerClient, runDocker } from './docker-client.ts'

/**
 * Finds the version in what a program of MariaDB prints, such as `mariadbd  Ver 10.11.18-MariaDB`
 * or `mariadb-backup based on MariaDB server 10.11.18-MariaDB`; otherwise null.
 */
export const findVersion = (said: string): string | null =>
  /(\d+\.\d+\.\d+)-MariaDB/.exec(said)?.[1] ?? null

/** Explains why one version must not restore the backups of another; null if both are equal. */
export const explainMismatch = (walg: string | null, server: string | null): string | null => {
  if (walg === null) return 'the image of wal-g does not print its version of mariadb-backup'
  if (server === null) return 'the image of the server does not print its version of MariaDB'
  return walg === server
    ? null
    : `wal-g's image has mariadb-backup ${walg} and the server's has MariaDB ${server}`
}

/**
 * Checks that mariadb-backup in the image of wal-g has the version of the server's MariaDB. Throws
 * an error with both versions if it does not; otherwise returns the version.
 */
export const checkBackupVersion = async (
  client: DockerClient,
  walg: string,
  server: string,
): Promise<string> => {
  const version = async (image: string, program: string): Promise<string | null> =>
    // Some programs print it on stderr.
    findVersion(
      await runDocker(
        client,
        [
          'run',
          '--rm',
          '--network',
          'none',
          '--entrypoint',
          'sh',
          image,
          '-c',
          `${program} --version 2>&1`,
        ],
        {
          seconds: 300,
        },
      ),
    )
  const [ours, theirs] = [await version(walg, 'mariadb-backup'), await version(server, 'mariadbd')]
  const wrong = explainMismatch(ours, theirs)
  if (wrong === null) return ours as string
  throw new Error(
    `${wrong}: a backup must be made with the server's own version. ` +
      `Build wal-g's image again from ${server}, under a new tag`,
  )
}
