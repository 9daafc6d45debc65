/**
 * Backups of an environment, proven by restoring them: a database that is written to, its full
 * backups, binary logs and manifests; files and Redis; then damage of several kinds.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type BackupCheck, decideVerdict, REQUIRED_CHECKS } from '../../lib/backups/verdict.ts'
import { pollUntil } from '../../lib/run/wait-until.ts'
import { Secret } from '../../lib/secret.ts'
import { beginChecks } from '../../lib/verification/checks.ts'
import type { DatabaseBackups } from '../../lib/verification/database-backups.ts'
import { askDocker, type Ended } from '../../lib/verification/docker-process.ts'
import { ask, replayBinlogs } from '../../lib/verification/restored-database.ts'
import { LABEL, removeLeftovers } from '../../lib/verification/throwaway.ts'
import { verifyDatabase } from '../../lib/verification/verify-database.ts'
import { verifyFiles } from '../../lib/verification/verify-files.ts'
import { type BackupLab, openBackupLab } from '../support/backup-lab.ts'

let lab: BackupLab
/** What was acknowledged: after each write its position, and what the table held then. */
const written: { gtid: string; rows: string }[] = []

const must = async (ended: Promise<Ended>): Promise<string> => {
  const { exitCode, stdout, stderr } = await ended
  assert.is(exitCode, 0, `${stdout}${stderr}`)
  return stdout
}
const write = async (name: string): Promise<void> => {
  const [gtid = '', rows = ''] = (
    await lab.sql(`INSERT INTO orders (name, amount) VALUES ('${name}', 1);
SELECT @@last_gtid; SELECT CONCAT(COUNT(*), ' ', SUM(CRC32(CONCAT(id, name)))) FROM orders`)
  ).split('\n')
  written.push({ gtid, rows })
}

test.before(async () => {
  lab = await openBackupLab()
  await lab.sql(`CREATE USER backup@localhost IDENTIFIED BY 'backup';
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, SELECT, SHOW VIEW, EVENT, TRIGGER ON *.*
  TO backup@localhost;
CREATE DATABASE brd_backup; GRANT CREATE, INSERT, DELETE ON brd_backup.* TO backup@localhost;
CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) CHARACTER SET utf8mb4,
  amount DECIMAL(10,2), twice DECIMAL(10,2) AS (amount * 2) STORED);
INSERT INTO orders (name, amount) SELECT CONCAT('имя ', seq, '😀'), seq / 3 FROM seq_1_to_250;
CREATE TABLE nokey (a VARCHAR(10), b BLOB);
INSERT INTO nokey VALUES ('x', 0x00ff), ('x', 0x00ff), (NULL, '');
CREATE TABLE \`odd.na\`\`me\` (\`i'd\` BIGINT PRIMARY KEY, \`Wörter "x"\` TEXT);
INSERT INTO \`odd.na\`\`me\` VALUES (-5, 'a\tb\nc'), (9, 'd');
CREATE TABLE counters (a INT) ENGINE=MyISAM; CREATE SEQUENCE numbers;
CREATE VIEW named AS SELECT name FROM orders;
CREATE PROCEDURE count_orders() SELECT COUNT(*) FROM orders;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM counters`)
  await lab.inRestic(`cd /app/shared; mkdir -p a 'b c'; echo x >a/x; printf y >'b c/y
z'; ln -s a l; chmod 640 a/x; chown 33:33 a/x; head -c 2000000 /dev/urandom >big`)
  await askDocker(lab.docker, [
    ...['exec', `brd-backups-${process.pid}-redis`, 'redis-cli'],
    ...['acl', 'setuser', 'admin', 'on', '>redis admin', '~*', '&*', '+@all'],
  ])
  await must(lab.inWalg('brd-backup canary'))
  await must(lab.inWalg('brd-backup full'))
  for (const name of ['first', 'second', 'third']) {
    await write(name)
    await must(lab.inWalg('brd-backup canary'))
  }
  await must(lab.inWalg('brd-backup binlogs'))
  await must(lab.inRestic('brd-files backup'))
})
test.after(() => lab?.end())

const verify = async (more: Partial<DatabaseBackups> = {}): Promise<readonly BackupCheck[]> => {
  const place = await lab.open('walg')
  const checks = beginChecks()
  try {
    await verifyDatabase(place, lab.database(more), checks)
    return checks.made
  } finally {
    await place.end()
  }
}
const verifyBoth = async (): Promise<readonly BackupCheck[]> => {
  const place = await lab.open('restic')
  const checks = beginChecks()
  try {
    await verifyFiles(place, lab.files(), checks)
    return checks.made
  } finally {
    await place.end()
  }
}
/** The verdict on these checks, without those of what was not looked at. */
const judge = (made: readonly BackupCheck[], without: RegExp): string => {
  const { verdict, reasons } = decideVerdict(
    made,
    REQUIRED_CHECKS.filter(name => !without.test(name)),
  )
  return [verdict, ...reasons].join('\n')
}
const ofFiles = /files|redis|assets/
const notOfFiles = /^(?!.*(?:files|redis))/
/** Damage to the bucket; undone afterwards. */
const damaged = async (script: string, look: () => Promise<void>): Promise<void> => {
  await lab.inBucket('rm -rf /tmp/kept; cp -a . /tmp/kept')
  try {
    await lab.inBucket(script)
    await look()
  } finally {
    await lab.inBucket('find . -mindepth 1 -delete; cp -a /tmp/kept/. .')
  }
}

test('what is whole passes: the database by its units and to its end; files; Redis', async () => {
  const made = await verify()
  assert.is(judge(made, ofFiles), 'PASS', JSON.stringify(made, null, 2))
  assert.match(
    made.find(({ name }) => name === 'contents of the database')?.detail ?? '',
    '3 tables, 255 rows',
  )
  assert.match(made.find(({ name }) => name === 'canary')?.detail ?? '', /min would be lost/)
  const files = await verifyBoth()
  assert.is(judge(files, notOfFiles), 'PASS', JSON.stringify(files, null, 2))
})

test('two instants, each the position of an acknowledged write, are restored exactly', async () => {
  const place = await lab.open('walg')
  try {
    const checks = beginChecks()
    // Everything is fetched by a verification of a database that lacks what it needs to go on.
    await verifyDatabase(place, lab.database({ fetchManifest: async () => null }), checks)
    const files = (await place.run({ script: 'ls /restore/archive' })).stdout.trim().split('\n')
    for (const { gtid, rows } of written.slice(0, 2)) {
      await replayBinlogs(place, files, { gtid })
      assert.equal(
        await ask(
          place,
          'SELECT CONCAT(COUNT(*), " ", SUM(CRC32(CONCAT(id, name)))) FROM app.orders',
        ),
        [[rows]],
        gtid,
      )
    }
  } finally {
    await place.end()
  }
})

/** A command that overwrites one byte of the file that another command finds. */
const writeByte = (find: string, at: number): string =>
  `f=$(${find}); printf X | dd of="$f" bs=1 seek=${at} conv=notrunc 2>/dev/null`

const kinds: [string, string, RegExp][] = [
  [
    'a truncated stream',
    'f=$(find . -name stream.zst); truncate -s 100000 "$f"',
    /^FAIL\nrestore of the database: stream_\w+: (?:corrupted chunk|unexpected EOF)$/,
  ],
  [
    'no stream below its sentinel',
    'find . -name stream.zst -delete',
    /^FAIL\nrestore of the database: stream_\w+: Archive '.*' does not exist\.$/,
  ],
  [
    'a gap in the binary logs',
    'rm "$(find . -path "*/binlog_005/*" | sort | tail -n 2 | head -n 1)"',
    /^FAIL\nbinary logs without a gap: mariadb-bin\.\d+ is missing: restorable to .* only$/,
  ],
  [
    'a damaged binary log',
    writeByte('find . -path "*/binlog_005/*" | sort | tail -n 1', 60),
    /^FAIL\nbinary logs without a gap: mariadb-bin\.\d+: (?:corrupted chunk|unexpected EOF)$/,
  ],
  [
    'an edited manifest',
    writeByte('find . -name "*.json.enc"', 60),
    /^FAIL\nmanifest: the manifest is not signed by this environment: it was edited$/,
  ],
  [
    'no manifest',
    'find . -name "*.json.sig" -delete',
    /^FAIL\nmanifest: stream_\w+ has no manifest: what it contains cannot be compared$/,
  ],
]
for (const [what, script, wanted] of kinds)
  test(`${what}: FAIL, with its reason`, () =>
    damaged(script, async () => {
      const said = judge(await verify(), ofFiles)
      assert.ok(wanted.test(said), said)
    }))

test('a flipped byte in a pack of the files: FAIL', () =>
  damaged(writeByte('find . -path "*/data/*" -size +100k | head -n 1', 70_000), async () =>
    assert.match(
      judge(await verifyBoth(), notOfFiles),
      /^FAIL\nrepository of the files: the repository: damaged: /,
    ),
  ))

test('a row that changed without a trace, a routine that is gone: FAIL, by name', async () => {
  // Between the backup and its manifest, past the binary logs: as if the backup had lost them.
  await must(lab.inWalg('wal-g --config /run/secrets/walg.json backup-push'))
  await lab.sql(`SET sql_log_bin = 0; UPDATE orders SET amount = 7 WHERE id = 130;
DROP PROCEDURE count_orders`)
  const script = `name=$(wal-g --config /run/secrets/walg.json backup-list --detail --json |
    grep -o 'stream_[0-9TZ]*' | sort | tail -n 1); brd-manifest "$name"; brd-backup binlogs`
  await must(lab.inWalg(script))
  try {
    assert.match(
      judge(await verify(), ofFiles),
      /^FAIL\ncontents of the database: app\.orders \(`id` > 100 AND `id` <= 200\): as many rows/,
    )
    await lab.sql('SET sql_log_bin = 0; UPDATE orders SET amount = 130 / 3 WHERE id = 130')
    await must(lab.inWalg(script))
    assert.match(
      judge(await verify(), ofFiles),
      /^FAIL\nobjects of the database: procedure app\.count_orders is not in the manifest$/,
    )
  } finally {
    await lab.inBucket('rm -r "$(dirname "$(find . -name stream.zst | sort | tail -n 1)")"*')
  }
})

test('what cannot be looked at is not called damaged: keys refused, the store away', async () => {
  const other = lab.database().secrets
  const refused = await verify({
    secrets: {
      ...other,
      'walg.json': new Secret(
        other['walg.json'].reveal().replace('secret of READ', 'another'),
        'walg.json',
      ),
    },
  })
  assert.match(
    judge(refused, ofFiles),
    /^COULD NOT VERIFY\nfreshness of the database: .*SignatureDoesNotMatch/,
  )
  const old = await verify({ now: () => new Date(Date.now() + 3 * 86_400_000) })
  assert.match(
    judge(old, ofFiles),
    /^FAIL\nfreshness of the database: .*72 h old; 26 h are allowed\ncanary: /,
  )
  await lab.setStore('pause')
  try {
    const away = await verify()
    assert.match(
      judge(away, ofFiles),
      /^COULD NOT VERIFY\nfreshness of the database: .*no answer in time/,
    )
  } finally {
    await lab.setStore('unpause')
  }
})

test('a verifier that is killed leaves no container and no volume', async () => {
  const listed = async (): Promise<string> =>
    (await askDocker(lab.docker, ['ps', '--all', '--quiet', '--filter', `label=${LABEL}=killed`]))
      .stdout
  const volumes = async (): Promise<string> =>
    (await askDocker(lab.docker, ['volume', 'ls', '--quiet', '--filter', 'dangling=true'])).stdout
  const before = await volumes()
  for (const moment of ['open', 'run', 'fetch']) {
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        fileURLToPath(new URL('../support/hold-throwaway.ts', import.meta.url)),
        moment,
        JSON.stringify(lab.kit),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await once(child.stdout, 'data')
    assert.is.not(await listed(), '')
    child.kill('SIGKILL')
    assert.ok(await pollUntil(60_000, async () => (await listed()) === ''), moment)
  }
  assert.ok(await pollUntil(30_000, async () => (await volumes()) === before))
  assert.equal(await removeLeftovers(lab.docker, run => run !== 'killed'), [])
})

test.run()
