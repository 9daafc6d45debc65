/** What the lab's database and files contain, and their first backups. */
import { askDocker, type Ended } from '../../lib/verification/docker-process.ts'
import type { BackupLab } from '../support/backup-lab.ts'

/** A write that was acknowledged: its position, and what the table held then. */
export type AcknowledgedWrite = { readonly gtid: string; readonly rows: string }

/** The statement whose answer tells contents of the orders apart. */
export const SUM_OF_ORDERS =
  'SELECT CONCAT(COUNT(*), " ", SUM(CRC32(CONCAT(id, name)))) FROM app.orders'

/** Waits for a program; throws with what it printed unless it succeeds. */
export const requireSuccess = async (ended: Promise<Ended>): Promise<string> => {
  const { exitCode, stdout, stderr } = await ended
  if (exitCode === 0) return stdout
  throw new Error(`exit code ${exitCode}: ${stdout}${stderr}`)
}

/** Adds an order, as a client that waits for the acknowledgement. */
export const writeOrder = async (lab: BackupLab, name: string): Promise<AcknowledgedWrite> => {
  const answer = await lab.sql(
    `INSERT INTO orders (name, amount) VALUES ('${name}', 1); SELECT @@last_gtid; ${SUM_OF_ORDERS}`,
  )
  const [gtid = '', rows = ''] = answer.split('\n')
  return { gtid, rows }
}

/**
 * Fills database, files and Redis; takes a full backup, writes so many orders after it, pushes the
 * binary logs, and takes a backup of the files.
 */
export const seedBackups = async (
  lab: BackupLab,
  writes: number,
): Promise<readonly AcknowledgedWrite[]> => {
  await lab.sql(tables)
  await requireSuccess(lab.inRestic(files))
  await askDocker(lab.docker, [
    ...['exec', lab.redis, 'redis-cli'],
    ...['acl', 'setuser', 'admin', 'on', '>redis admin', '~*', '&*', '+@all'],
  ])
  await askDocker(lab.docker, ['exec', lab.redis, 'redis-cli', 'set', 'session', 'kept'])
  await requireSuccess(lab.inWalg('brd-backup canary'))
  await requireSuccess(lab.inWalg('brd-backup full'))
  const written: AcknowledgedWrite[] = []
  for (let i = 0; i < writes; i++) {
    written.push(await writeOrder(lab, `order ${i}`))
    await requireSuccess(
      lab.inWalg(i % 2 === 0 ? 'brd-backup canary' : 'brd-backup canary; brd-backup binlogs'),
    )
  }
  await requireSuccess(lab.inWalg('brd-backup binlogs'))
  await requireSuccess(lab.inRestic('brd-files backup'))
  return written
}

const tables = `CREATE USER backup@localhost IDENTIFIED BY 'backup';
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR, SELECT, SHOW VIEW, EVENT, TRIGGER ON *.*
  TO backup@localhost;
CREATE DATABASE brd_backup; GRANT CREATE, INSERT, DELETE ON brd_backup.* TO backup@localhost;
CREATE USER clerk@'%' IDENTIFIED BY 'clerk'; GRANT SELECT ON app.* TO clerk@'%';
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
CREATE TRIGGER checked BEFORE INSERT ON nokey FOR EACH ROW SET NEW.a = IFNULL(NEW.a, '-');
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM counters`

const files = `cd /app/shared
mkdir -p a 'b c'
echo x >a/x
printf y >'b c/y
z'
ln -s a l
chmod 640 a/x
chown 33:33 a/x
head -c 2000000 /dev/urandom >big`
