<?php
/** Settings and connections. Everything comes from the environment; connections are made when first asked for. */

const SHARED = '/app/shared';

function setting(string $name, ?string $default = null): string
{
    $value = getenv($name);
    if ($value !== false && $value !== '') return $value;
    return $default ?? throw new RuntimeException("$name is not set");
}

/** Who answers. */
function identity(): array
{
    return ['environment' => setting('ENVIRONMENT', 'none'), 'release' => setting('RELEASE', 'none'), 'host' => gethostname()];
}

function db(bool $again = false): PDO
{
    static $db = null;
    if ($db !== null && !$again) return $db;
    $from = sprintf('mysql:host=%s;port=%s;dbname=%s;charset=utf8mb4', setting('DB_HOST', 'mariadb'), setting('DB_PORT', '3306'), setting('DB_NAME', 'app'));
    return $db = new PDO($from, setting('DB_USER', 'app'), setting('DB_PASSWORD'), [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
        PDO::ATTR_EMULATE_PREPARES => false,
        PDO::ATTR_TIMEOUT => 3,
    ]);
}

/** A password alone is the user `default`'s, as before there were users. */
function redis(bool $again = false): Redis
{
    static $redis = null;
    if ($redis !== null && !$again) return $redis;
    $redis = new Redis();
    $redis->connect(setting('REDIS_HOST', 'redis'), (int) setting('REDIS_PORT', '6379'), 3.0, null, 0, 10.0);
    $user = setting('REDIS_USER', 'default');
    $password = getenv('REDIS_PASSWORD');
    if ($password !== false && $password !== '') $redis->auth($user === 'default' ? [$password] : [$user, $password]);
    return $redis;
}

function bucket(): Bucket
{
    return new Bucket(setting('S3_ENDPOINT'), setting('S3_BUCKET'), setting('S3_REGION', 'us-east-1'), setting('S3_ACCESS_KEY'), setting('S3_SECRET_KEY'));
}
