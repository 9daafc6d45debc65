<?php
/** What is answered at which path. */

function answer(array $body, int $status = 200): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    echo json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}

/** Writes to each store, and reads back what it wrote. */
function home(): array
{
    $page = record('page');
    $read = db()->prepare("SELECT seq FROM ledger WHERE kind = 'page' AND seq = ?");
    $read->execute([$page]);
    $redis = recordInRedis();
    $file = recordInFile();
    $object = recordInBucket($page);
    $same = (int) $read->fetchColumn() === $page
        && redis()->zScore('ledger', (string) $redis) == $redis
        && bucket()->get(sprintf('ledger/%012d', $object)) !== null;
    if (!$same) throw new RuntimeException('what was written cannot be read');
    return ['page' => $page, 'redis' => $redis, 'file' => $file, 'bucket' => $object] + identity();
}

/** The body of the request, or the file of a form: kept under the hash of its content. */
function upload(): array
{
    $sent = $_FILES === [] ? file_get_contents('php://input') : file_get_contents(reset($_FILES)['tmp_name']);
    if ($sent === false || $sent === '') return ['error' => 'nothing was sent'];
    $name = hash('sha256', $sent);
    @mkdir(SHARED . '/uploads', 0775, true);
    $part = SHARED . '/uploads.' . bin2hex(random_bytes(8));
    if (file_put_contents($part, $sent) !== strlen($sent) || !rename($part, SHARED . "/uploads/$name")) throw new RuntimeException('the shared volume took no upload');
    bucket()->put("uploads/$name", $sent);
    return ['upload' => record('upload', $name), 'name' => $name, 'bytes' => strlen($sent)] + identity();
}

function download(string $name): void
{
    $body = preg_match('/^[0-9a-f]{64}$/', $name) ? bucket()->get("uploads/$name") : null;
    if ($body === null) {
        answer(['error' => 'no such upload'], 404);
        return;
    }
    header('Content-Type: application/octet-stream');
    echo $body;
}

function jobs(int $many): array
{
    $last = 0;
    for ($i = 0; $i < $many; $i++) $last = enqueue();
    return ['enqueued' => $many, 'last' => $last] + identity();
}

/** As long as asked, at most a minute. */
function slow(int $ms): array
{
    // A signal to stop ends a sleep before its time.
    for ($end = hrtime(true) + min($ms, 60_000) * 1_000_000; ($left = $end - hrtime(true)) > 0;) usleep((int) ceil($left / 1000));
    return ['slept' => $ms] + identity();
}

/** A query as long as asked, for the database's slow log. */
function slowQuery(int $ms): array
{
    db()->prepare('SELECT SLEEP(?)')->execute([max(0, min($ms, 60_000)) / 1000]);
    return ['slept' => $ms] + identity();
}

/** Who calls, as PHP is told: what a proxy in front must not lose. */
function client(): array
{
    $told = array_intersect_key($_SERVER, array_flip(['REMOTE_ADDR', 'HTTPS', 'HTTP_HOST', 'HTTP_X_FORWARDED_FOR', 'HTTP_X_FORWARDED_PROTO', 'REQUEST_SCHEME', 'SERVER_NAME']));
    return ['client' => $told] + identity();
}

function fail(): array
{
    trigger_error('a warning that was asked for', E_USER_WARNING);
    throw new RuntimeException('an error that was asked for');
}
