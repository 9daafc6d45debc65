<?php
/** The tables are those of this release. Run again, or by two at a time, it changes nothing more. */
require __DIR__ . '/src/load.php';

// Each only adds, so that the release before it goes on working.
$migrations = [
    1 => [
        'CREATE TABLE IF NOT EXISTS counters (kind VARCHAR(32) PRIMARY KEY, seq BIGINT UNSIGNED NOT NULL)',
        'CREATE TABLE IF NOT EXISTS ledger (kind VARCHAR(32), seq BIGINT UNSIGNED, about VARCHAR(255) NOT NULL, release_name VARCHAR(64) NOT NULL,
           host VARCHAR(255) NOT NULL, at TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3), PRIMARY KEY (kind, seq))',
    ],
    2 => ['ALTER TABLE ledger ADD COLUMN IF NOT EXISTS note VARCHAR(255) NULL'],
];

$db = db();
if ((int) $db->query("SELECT GET_LOCK(CONCAT(DATABASE(), '.migrate'), 60)")->fetchColumn() !== 1) throw new RuntimeException('another migration has not ended for a minute');
$db->exec('CREATE TABLE IF NOT EXISTS migrations (version INT PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)');
$done = array_map('intval', $db->query('SELECT version FROM migrations')->fetchAll(PDO::FETCH_COLUMN));
$wanted = array_filter($migrations, static fn (int $version) => $version <= (int) setting('SCHEMA', '1') && !in_array($version, $done, true), ARRAY_FILTER_USE_KEY);
foreach ($wanted as $version => $statements) {
    foreach ($statements as $statement) $db->exec($statement);
    $db->prepare('INSERT IGNORE INTO migrations (version) VALUES (?)')->execute([$version]);
}
$db->query("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.migrate'))")->fetchAll();
echo json_encode(['migrated' => array_keys($wanted)] + identity()), "\n";
