/** Whether wal-g's image makes backups with the server's own version. */
import { type DockerClient, runDocker } from './client.ts'

/**
 * The version of MariaDB in what its programs say of themselves, such as `mariadbd  Ver
 * 10.11.18-MariaDB` or `mariadb-backup based on MariaDB server 10.11.18-MariaDB`; or null.
 */
export const findVersion = (said: string): string | null =>
  /(\d+\.\d+\.\d+)-MariaDB/.exec(said)?.[1] ?? null

/**
 * What is wrong where a copy made by the one version would be prepared and restored by the other;
 * null where both are the same.
 */
export const explainMismatch = (walg: string | null, server: string | null): string | null => {
  if (walg === null || server === null)
    return `${walg === null ? 'the image of wal-g does not say which mariadb-backup it has' : 'the image of the server does not say which MariaDB it has'}`
  return walg === server
    ? null
    : `wal-g's image has mariadb-backup ${walg} and the server's has MariaDB ${server}`
}

/**
 * Throws where the image of wal-g has another mariadb-backup than the server's image has MariaDB;
 * both versions are named.
 */
export const checkBackupVersion = async (
  client: DockerClient,
  walg: string,
  server: string,
): Promise<string> => {
  const version = async (image: string, program: string): Promise<string | null> =>
    // Some tell it on stderr.
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
    `${wrong}: a backup must be made with the server's own version. Build wal-g's image anew of ${server}, under a tag of its own`,
  )
}
