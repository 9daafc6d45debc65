<?php
/** The front controller. */
require __DIR__ . '/../src/load.php';

if (getenv('BROKEN')) throw new RuntimeException('this release is broken');
$path = parse_url($_SERVER['REQUEST_URI'] ?? '/', PHP_URL_PATH);
$number = static fn (string $name, int $default): int => (int) ($_GET[$name] ?? $default);

if ($path === '/healthz') {
    $health = health();
    answer($health, $health['ok'] ? 200 : 503);
    return;
}
if (str_starts_with($path, '/uploads/')) {
    download(substr($path, 9));
    return;
}
$pages = [
    '/' => static fn () => home(),
    '/livez' => static fn () => ['ok' => true] + identity(),
    '/ledger' => static fn () => ledger() + identity(),
    '/whoami' => static fn () => client(),
    '/upload' => static fn () => upload(),
    '/jobs' => static fn () => jobs($number('n', 1)),
    '/slow' => static fn () => slow($number('ms', 2000)),
    '/slow-query' => static fn () => slowQuery($number('ms', 2000)),
    '/fail' => static fn () => fail(),
];
$page = $pages[$path] ?? null;
if ($page === null) answer(['error' => "nothing at $path"], 404);
else answer($page());
