/** What backups an environment has, as its bucket has them. */
import { type BinlogReach, findReach } from '../../lib/backups/binlog-reach.ts'
import {
  type ListedBackup,
  readArchivedBinlogs,
  readFullBackups,
} from '../../lib/backups/full-backup.ts'
import { readSnapshots, type Snapshot } from '../../lib/backups/restic-output.ts'
import { Unreadable } from '../../lib/backups/unreadable.ts'
import type { FoundService } from '../deploy/services.ts'
import type { ReadInTask } from './read.ts'

/** A full backup, and what belongs to it. */
export type ShownBackup = ListedBackup & {
  /** Whether it has a manifest, which says what it contained; null if that is not known. */
  readonly hasManifest: boolean | null
  /** How far its binary logs reach; null if that is not known. */
  readonly binlogs: BinlogReach | null
}

/** The backups of an environment. */
export type BackupList = {
  readonly environment: string
  /** The oldest first; null if they could not be listed. */
  readonly fullBackups: readonly ShownBackup[] | null
  /** The oldest first; null if they could not be listed. */
  readonly snapshots: readonly Snapshot[] | null
  /** What could not be read, and why. */
  readonly faults: readonly string[]
}

const walg = ['wal-g', '--config', '/run/secrets/walg.json'] as const

/** SHA-256 of nothing, which curl does not sign by itself in each of its versions. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Asks for the signature of each manifest: it comes last. Prints a status of HTTP and a name. */
const askManifests = `arguments=()
for name in "$@"; do
  arguments+=(--output /dev/null "$BRD_MANIFESTS/$name.json.sig")
done
exec curl --config /run/secrets/manifest-s3 --silent --show-error --max-time 20 \\
  --aws-sigv4 "aws:amz:\${AWS_REGION:-us-east-1}:s3" --header 'x-amz-content-sha256: ${EMPTY}' \\
  --write-out '%{http_code} %{url_effective}\\n' "\${arguments[@]}"`

/** Lists the backups through the services that make them. */
export const listBackups = async (
  environment: string,
  read: ReadInTask,
  services: { readonly walg: FoundService; readonly restic: FoundService },
): Promise<BackupList> => {
  const [full, archived, snapshots] = await Promise.all([
    read(services.walg, [...walg, 'backup-list', '--detail', '--json'], readFullBackups),
    read(services.walg, [...walg, 'binlog-list', '--json'], readArchivedBinlogs),
    read(services.restic, ['restic', 'snapshots', '--json', '--no-lock'], readSnapshots),
  ])
  const names = full.value?.map(({ name }) => name) ?? []
  const manifests =
    names.length > 0
      ? await read(services.walg, ['bash', '-c', askManifests, 'bash', ...names], readManifests)
      : { value: new Map<string, boolean>() }
  return {
    environment,
    fullBackups:
      full.value?.map(one => ({
        ...one,
        hasManifest: manifests.value?.get(one.name) ?? null,
        binlogs: archived.value ? findReach(one, archived.value) : null,
      })) ?? null,
    snapshots: snapshots.value ?? null,
    faults: Object.entries({
      'full backups': full,
      'binary logs': archived,
      manifests,
      snapshots,
    }).flatMap(([what, { fault }]) => (fault === undefined ? [] : [`${what}: ${fault}`])),
  }
}

/** Reads which backups have a manifest. Throws Unreadable for any answer but yes and no. */
export const readManifests = (text: string): Map<string, boolean> =>
  new Map(
    text
      .trimEnd()
      .split('\n')
      .map(line => {
        const [, status, name] = /^(\d{3}) .*\/(stream_\w+)\.json\.sig$/.exec(line) ?? []
        if (name === undefined || (status !== '200' && status !== '404'))
          throw new Unreadable(`the bucket answered ${line.slice(0, 300)}`)
        return [name, status === '200'] as const
      }),
  )
