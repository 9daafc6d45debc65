<?php
/** Every write has a number, given in its own store: where count and max differ, something was lost. */

/** The next number of a kind, and its row, in one transaction. */
function record(string $kind, string $about = ''): int
{
    $db = db();
    $db->beginTransaction();
    try {
        $db->prepare('INSERT INTO counters (kind, seq) VALUES (?, LAST_INSERT_ID(1)) ON DUPLICATE KEY UPDATE seq = LAST_INSERT_ID(seq + 1)')->execute([$kind]);
        $seq = (int) $db->lastInsertId();
        enter($kind, $seq, $about);
        $db->commit();
        return $seq;
    } catch (Throwable $error) {
        if ($db->inTransaction()) $db->rollBack();
        throw $error;
    }
}

/** The row of a number that another store gave; a second time changes nothing. */
function enter(string $kind, int $seq, string $about = ''): void
{
    $who = identity();
    db()->prepare('INSERT IGNORE INTO ledger (kind, seq, about, release_name, host) VALUES (?, ?, ?, ?, ?)')->execute([$kind, $seq, $about, $who['release'], $who['host']]);
}

/** Number and entry are one step for Redis. */
function recordInRedis(): int
{
    return (int) redis()->eval("local n = redis.call('INCR', 'ledger:seq') redis.call('ZADD', 'ledger', n, n) return n", [], 0);
}

/** A line of a file on the shared volume, forced to the disk before this returns. */
function recordInFile(): int
{
    $file = fopen(SHARED . '/ledger.txt', 'c+') ?: throw new RuntimeException('the shared volume cannot be written');
    flock($file, LOCK_EX);
    fseek($file, -min(64, fstat($file)['size']), SEEK_END);
    $lines = explode("\n", trim((string) fread($file, 64)));
    $seq = (int) end($lines) + 1;
    fseek($file, 0, SEEK_END);
    $written = fwrite($file, "$seq\n");
    if ($written !== strlen("$seq\n") || !fflush($file) || !fsync($file)) throw new RuntimeException('the shared volume took no line');
    fclose($file);
    return $seq;
}

/** An object, and its row once the bucket has it. */
function recordInBucket(int $seq): int
{
    bucket()->put(sprintf('ledger/%012d', $seq), json_encode(identity()));
    enter('bucket', $seq);
    return $seq;
}

/** A job for the worker. */
function enqueue(): int
{
    return (int) redis()->eval("local n = redis.call('INCR', 'jobs:seq') redis.call('LPUSH', 'jobs', n) return n", [], 0);
}

/** What every store holds. `missing` is what was acknowledged once and is not there. */
function ledger(): array
{
    $kinds = db()->query('SELECT kind, COUNT(*) AS `count`, MAX(seq) AS `max` FROM ledger GROUP BY kind')->fetchAll(PDO::FETCH_UNIQUE);
    $counters = db()->query('SELECT kind, seq FROM counters')->fetchAll(PDO::FETCH_KEY_PAIR);
    $mariadb = array_map(static fn (array $row): array => array_map('intval', $row), $kinds);
    foreach ($counters as $kind => $seq) $mariadb[$kind] = ($mariadb[$kind] ?? ['count' => 0, 'max' => 0]) + ['missing' => (int) $seq - ($mariadb[$kind]['count'] ?? 0)];
    return ['mariadb' => $mariadb, 'redis' => redisLedger(), 'file' => fileLedger(), 'bucket' => bucketLedger(), 'uploads' => uploadLedger(), 'jobs' => jobLedger()];
}

function redisLedger(): array
{
    return counted((int) redis()->zCard('ledger'), (int) redis()->get('ledger:seq'));
}

function fileLedger(): array
{
    $lines = @file(SHARED . '/ledger.txt', FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES) ?: [];
    return counted(count(array_unique($lines)), (int) (end($lines) ?: 0));
}

function bucketLedger(): array
{
    $there = array_map(static fn (string $name): int => (int) substr($name, 7), bucket()->names('ledger/'));
    $rows = array_map('intval', db()->query("SELECT seq FROM ledger WHERE kind = 'bucket'")->fetchAll(PDO::FETCH_COLUMN));
    return ['count' => count($there), 'max' => max([0, ...$there]), 'missing' => count(array_diff($rows, $there))];
}

/** Each upload lies on the volume and in the bucket, under the hash of its content. */
function uploadLedger(): array
{
    $names = db()->query("SELECT DISTINCT about FROM ledger WHERE kind = 'upload'")->fetchAll(PDO::FETCH_COLUMN);
    $onDisk = array_map('basename', glob(SHARED . '/uploads/*') ?: []);
    $inBucket = array_map('basename', bucket()->names('uploads/'));
    return ['count' => count($names), 'missingFiles' => count(array_diff($names, $onDisk)), 'missingObjects' => count(array_diff($names, $inBucket))];
}

/** Queued, taken and done are all that was ever queued. */
function jobLedger(): array
{
    $queued = (int) redis()->lLen('jobs');
    $taken = (int) redis()->lLen('jobs:taken');
    $all = (int) redis()->get('jobs:seq');
    $done = (int) db()->query("SELECT COUNT(*) FROM ledger WHERE kind = 'job'")->fetchColumn();
    return ['enqueued' => $all, 'queued' => $queued, 'taken' => $taken, 'done' => $done, 'missing' => max(0, $all - $queued - $taken - $done)];
}

function counted(int $count, int $max): array
{
    return ['count' => $count, 'max' => $max, 'missing' => $max - $count];
}
