/** Kinds of damage to backups, and what a verification must say of each. */
import type { BackupLab } from '../support/backup-lab.ts'
import { requireSuccess } from './seed.ts'
import type { Circumstances, VerifiedPart } from './verify.ts'

/** One kind of damage. */
export type Damage = {
  readonly name: string
  readonly part: VerifiedPart
  /** Part of npm test too. */
  readonly isQuick?: boolean
  /** A script in the folder of the bucket's objects, which is put back afterwards. */
  readonly bucket?: string
  /** Something else that is done, before the bucket's script. */
  readonly act?: (lab: BackupLab) => Promise<void>
  /** Undoes that, apart from the bucket. */
  readonly undo?: (lab: BackupLab) => Promise<void>
  readonly circumstances?: (lab: BackupLab) => Circumstances
  /** The verdict and its reasons. */
  readonly wanted: RegExp
}

/** A command that overwrites one byte of the file that another command finds. */
const writeByte = (find: string, at: string): string =>
  `f=$(${find}); printf '\\001' | dd of="$f" bs=1 seek=$((${at})) conv=notrunc 2>/dev/null`
const stream = 'find . -name stream.zst | sort | tail -n 1'
const binlog = (fromEnd: number): string =>
  `find . -path "*/binlog_005/*" | sort | tail -n ${fromEnd} | head -n 1`
const pack = 'find . -path "*/data/*" -size +100k | head -n 1'

/**
 * A full backup, then a change past the binary logs, then the manifest: as if the backup had lost
 * what was there. The change is undone in the same way.
 */
const loseBeforeManifest = (change: string, back: string): Pick<Damage, 'act' | 'undo'> => ({
  act: async lab => {
    await requireSuccess(lab.inWalg('wal-g --config /run/secrets/walg.json backup-push'))
    await lab.sql(`SET sql_log_bin = 0; ${change}`)
    await requireSuccess(
      lab.inWalg(`name=$(wal-g --config /run/secrets/walg.json backup-list --detail --json |
  grep -o 'stream_[0-9TZ]*' | sort | tail -n 1)
brd-manifest "$name"; brd-backup binlogs`),
    )
  },
  undo: async lab => {
    await lab.sql(`SET sql_log_bin = 0; ${back}`)
  },
})

/** The steps of a backup of the files, with something between two of them. */
const filesWith =
  (before: string, between: string, paths = '/app/shared'): NonNullable<Damage['act']> =>
  async lab => {
    await requireSuccess(
      lab.inRestic(`list() {
  find /app/shared -printf '%y\\037%m\\037%U\\037%G\\037%s\\037%T@\\037%p\\0' | sort -z
}
tag() { restic backup --quiet --host stage --tag "$@"; }
${before}
tag files ${paths}
${between}
list >/tmp/before; list >/tmp/after
find /app/shared -type f -print0 | sort -z | xargs -0 sha256sum --zero >/tmp/sums
tag files-list /tmp/before /tmp/sums /tmp/after`),
    )
  }

const days = (count: number) => () => new Date(Date.now() + count * 86_400_000)

const ofDatabase: readonly Omit<Damage, 'part'>[] = [
  {
    name: 'a truncated stream',
    isQuick: true,
    bucket: `truncate -s 100000 "$(${stream})"`,
    wanted: /^FAIL\nrestore of the database: stream_\w+: (?:corrupted chunk|unexpected EOF)$/,
  },
  {
    name: 'an empty stream',
    bucket: `: >"$(${stream})"`,
    wanted: /^FAIL\nrestore of the database: stream_\w+: unexpected EOF$/,
  },
  {
    name: 'no stream below its sentinel',
    isQuick: true,
    bucket: `rm "$(${stream})"`,
    wanted: /^FAIL\nrestore of the database: stream_\w+: Archive '.*' does not exist\.$/,
  },
  ...(['30', '$(stat -c %s "$f") / 2', '$(stat -c %s "$f") - 5'] as const).map((at, i) => ({
    name: `a changed byte in the stream, ${['at its head', 'in its middle', 'at its end'][i]}`,
    bucket: writeByte(stream, at),
    wanted: /^FAIL\nrestore of the database: stream_\w+: (?:corrupted chunk|unexpected EOF)$/,
  })),
  {
    name: 'no sentinel: no backup',
    bucket: 'find . -name "*_sentinel.json" -delete',
    wanted: /^FAIL\nfreshness of the database: there is no backup$/,
  },
  {
    name: 'a gap in the binary logs',
    isQuick: true,
    bucket: `rm "$(${binlog(2)})"`,
    wanted: /^FAIL\nbinary logs without a gap: mariadb-bin\.\d+ is missing: restorable to .* only$/,
  },
  {
    name: 'the first binary log is missing',
    bucket: 'rm "$(find . -path "*/binlog_005/*" | sort | head -n 2 | tail -n 1)"',
    wanted: /^FAIL\nbinary logs without a gap: mariadb-bin\.\d+ is missing: restorable to the full/,
  },
  {
    name: 'a changed byte in a binary log',
    isQuick: true,
    bucket: writeByte(binlog(1), '60'),
    wanted:
      /^FAIL\nbinary logs without a gap: mariadb-bin\.\d+: (?:corrupted chunk|unexpected EOF)$/,
  },
  {
    name: 'a truncated binary log',
    bucket: `truncate -s 40 "$(${binlog(1)})"`,
    wanted:
      /^FAIL\nbinary logs without a gap: mariadb-bin\.\d+: (?:corrupted chunk|unexpected EOF)$/,
  },
  {
    name: 'an empty binary log',
    bucket: `: >"$(${binlog(1)})"`,
    wanted: /^FAIL\nbinary logs without a gap: mariadb-bin\.\d+: unexpected EOF$/,
  },
  {
    name: 'a binary log that is a copy of an earlier one',
    bucket: `cp "$(${binlog(3)})" "$(${binlog(2)})"`,
    wanted: /^FAIL\n(?:.*\n)*?[a-z ]+: .*(?:out-of-order|never reached|missing data|strict)/i,
  },
  {
    name: 'an edited manifest',
    isQuick: true,
    bucket: writeByte('find . -name "*.json.enc" | sort | tail -n 1', '60'),
    wanted: /^FAIL\nmanifest: the manifest is not signed by this environment: it was edited$/,
  },
  {
    name: 'no manifest',
    isQuick: true,
    bucket: 'find . -name "*.json.sig" -delete',
    wanted: /^FAIL\nmanifest: stream_\w+ has no manifest: what it contains cannot be compared$/,
  },
  {
    name: "another backup's manifest",
    act: lab => requireSuccess(lab.inWalg('brd-backup full')).then(() => {}),
    bucket: `cd "$(dirname "$(find . -name "*.json.enc" | head -n 1)")"
for end in enc sig; do cp "$(ls *.$end | head -n 1)" "$(ls *.$end | tail -n 1)"; done`,
    wanted: /^FAIL\nmanifest: the manifest is of stream_\w+, not of stream_\w+$/,
  },
  {
    name: 'a row that changed without a trace',
    ...loseBeforeManifest(
      'UPDATE orders SET amount = 7 WHERE id = 130',
      'UPDATE orders SET amount = 130 / 3 WHERE id = 130',
    ),
    wanted: /^FAIL\ncontents of the database: app\.orders \(`id` > 100 AND `id` <= 200\): as many/,
  },
  {
    name: 'a row that is missing',
    ...loseBeforeManifest(
      "INSERT INTO `odd.na``me` VALUES (77, 'lost')",
      "DELETE FROM `odd.na``me` WHERE `i'd` = 77",
    ),
    wanted: /^FAIL\ncontents of the database: app\.odd\.na`me: 2 rows, and the manifest says 3$/,
  },
  {
    name: 'two equal rows in the place of two others',
    ...loseBeforeManifest(
      "UPDATE nokey SET a = 'z' WHERE a = 'x'",
      "UPDATE nokey SET a = 'x' WHERE a = 'z'",
    ),
    wanted: /^FAIL\ncontents of the database: app\.nokey: as many rows, but not the same ones$/,
  },
  {
    name: 'a table that was not empty',
    ...loseBeforeManifest(
      'CREATE TABLE later (a INT); INSERT INTO later VALUES (1)',
      'DROP TABLE later',
    ),
    wanted: /^FAIL\ncontents of the database: app\.later: the table is missing$/,
  },
  ...(
    [
      ['procedure', 'CREATE PROCEDURE p2() SELECT 1', 'DROP PROCEDURE p2', 'procedure app\\.p2'],
      ['view', 'CREATE VIEW v2 AS SELECT 1', 'DROP VIEW v2', 'view app\\.v2'],
      [
        'trigger',
        'CREATE TRIGGER t2 BEFORE UPDATE ON nokey FOR EACH ROW SET NEW.a = 1',
        'DROP TRIGGER t2',
        'trigger app\\.t2',
      ],
      [
        'event',
        'CREATE EVENT e2 ON SCHEDULE EVERY 1 DAY DO DO 0',
        'DROP EVENT e2',
        'event app\\.e2',
      ],
      ['user', "CREATE USER u2@'%'", "DROP USER u2@'%'", 'user u2@%'],
    ] as const
  ).map(([what, create, drop, name]) => ({
    name: `a ${what} that is missing`,
    ...loseBeforeManifest(create, drop),
    wanted: new RegExp(`^FAIL\\nobjects of the database: ${name} is missing$`),
  })),
  {
    name: "a user's rights that changed",
    ...loseBeforeManifest(
      "GRANT UPDATE ON app.* TO clerk@'%'",
      "REVOKE UPDATE ON app.* FROM clerk@'%'",
    ),
    wanted: /^FAIL\nobjects of the database: user clerk@% is defined differently$/,
  },
  {
    name: "a column's default that changed",
    ...loseBeforeManifest(
      'ALTER TABLE nokey ALTER a SET DEFAULT 5',
      'ALTER TABLE nokey ALTER a DROP DEFAULT',
    ),
    wanted: /^FAIL\nobjects of the database: table app\.nokey is defined differently$/,
  },
  {
    name: 'no full backup for three days',
    circumstances: () => ({ database: { now: days(3), maxLossMinutes: 1e6 } }),
    wanted: /^FAIL\nfreshness of the database: .* 72 h old; 26 h are allowed$/,
  },
  {
    name: 'no binary logs for an hour',
    circumstances: () => ({ database: { now: days(1 / 24) } }),
    wanted: /^FAIL\ncanary: the last one is \d+ min old: so much would be lost/,
  },
  {
    name: 'a question of the application that finds nothing',
    circumstances: () => ({ database: { query: 'SELECT COUNT(*) FROM app.orders WHERE id < 0' } }),
    wanted: /^FAIL\nquery of the application: it answers 0$/,
  },
]

const ofFiles: readonly Omit<Damage, 'part'>[] = [
  {
    name: 'a changed byte in a pack',
    isQuick: true,
    bucket: writeByte(pack, '70000'),
    wanted: /^FAIL\nrepository of the files: the repository: damaged: /,
  },
  {
    name: 'a pack that is missing',
    bucket: `rm "$(${pack})"`,
    wanted: /^FAIL\nrepository of the files: the repository: damaged: /,
  },
  {
    name: 'a truncated pack',
    bucket: `truncate -s 1000 "$(${pack})"`,
    wanted: /^FAIL\nrepository of the files: the repository: damaged: /,
  },
  {
    name: 'no index',
    bucket: 'find . -path "*/index/*" -delete',
    wanted: /^FAIL\nrepository of the files: the repository: damaged: /,
  },
  {
    name: 'no snapshot',
    bucket: 'find . -path "*/snapshots/*" -delete',
    wanted: /^FAIL\nfreshness of the files: there is no backup$/,
  },
  {
    name: 'no repository',
    bucket: 'find . -path "*/files/config" -delete',
    wanted: /^FAIL\nfreshness of the files: the snapshots: no repository: /,
  },
  {
    name: 'a file that was excluded by mistake',
    act: filesWith('', '', '--exclude /app/shared/a/x /app/shared'),
    wanted: /^FAIL\nrestore of files: "\/app\/shared\/a\/x" is missing$/,
  },
  {
    name: 'contents that changed, with size and time kept',
    act: filesWith('', 'cd /app/shared; touch -r a/x /tmp/t; echo z >a/x; touch -r /tmp/t a/x'),
    undo: lab => requireSuccess(lab.inRestic('echo x >/app/shared/a/x')).then(() => {}),
    wanted: /^FAIL\nrestore of files: "\/app\/shared\/a\/x" has other contents$/,
  },
  {
    name: 'a mode that changed',
    act: filesWith('', 'chmod 600 /app/shared/a/x'),
    undo: lab => requireSuccess(lab.inRestic('chmod 640 /app/shared/a/x')).then(() => {}),
    wanted: /^FAIL\nrestore of files: "\/app\/shared\/a\/x" has mode 640, and had 600$/,
  },
  {
    name: 'an owner that changed',
    act: filesWith('', 'chown 0:0 /app/shared/a/x'),
    undo: lab => requireSuccess(lab.inRestic('chown 33:33 /app/shared/a/x')).then(() => {}),
    wanted: /^FAIL\nrestore of files: "\/app\/shared\/a\/x" belongs to 33:33, and to 0:0 before$/,
  },
  {
    name: 'no list of the files',
    act: lab =>
      requireSuccess(
        lab.inRestic('restic backup --quiet --host stage --tag files /app/shared'),
      ).then(() => {}),
    wanted:
      /^FAIL\nrestore of files: the snapshot of the files has no list: it cannot be compared$/,
  },
  {
    name: 'a truncated file of Redis',
    act: lab =>
      requireSuccess(
        lab.inRestic(`restic dump latest --tag redis /tmp/redis.rdb | head -c 60 >/tmp/redis.rdb
restic backup --quiet --host stage --tag redis /tmp/redis.rdb`),
      ).then(() => {}),
    wanted: /^FAIL\nredis: its data are damaged: /,
  },
  {
    name: 'no backup of the files for three days',
    circumstances: () => ({ files: { now: days(3) } }),
    wanted: /^FAIL\nfreshness of the files: .* 72 h old; 26 h are allowed\nredis: .* 72 h old/,
  },
]

/** Every kind of damage. */
export const damages: readonly Damage[] = [
  ...ofDatabase.map(one => ({ ...one, part: 'database' as const })),
  ...ofFiles.map(one => ({ ...one, part: 'files' as const })),
]

/** Does the damage, looks, and undoes it. */
export const withDamage = async <T>(
  lab: BackupLab,
  { bucket, act, undo }: Damage,
  look: () => Promise<T>,
): Promise<T> => {
  await lab.inBucket('rm -rf /tmp/kept; cp -a . /tmp/kept')
  try {
    await act?.(lab)
    if (bucket) await lab.inBucket(bucket)
    return await look()
  } finally {
    await lab.inBucket('find . -mindepth 1 -delete; cp -a /tmp/kept/. .')
    await undo?.(lab)
  }
}
