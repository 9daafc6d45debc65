<?php
/** Each dependency, tried. */
function health(): array
{
    $checks = [
        'mariadb' => static fn () => db()->query('SELECT COUNT(*) FROM migrations')->fetchColumn() >= (int) setting('SCHEMA', '1')
            ?: throw new RuntimeException('its tables are older than this release: php /app/migrate.php'),
        'redis' => static fn () => redis()->ping(),
        'file' => static fn () => is_writable(SHARED) ?: throw new RuntimeException('the shared volume cannot be written'),
        'bucket' => static fn () => bucket()->check(),
    ];
    $told = array_map('tried', $checks);
    return ['ok' => !in_array(false, array_column($told, 'ok'), true), 'checks' => $told] + identity();
}

function tried(callable $check): array
{
    $from = hrtime(true);
    try {
        $check();
        return ['ok' => true, 'ms' => intdiv(hrtime(true) - $from, 1_000_000)];
    } catch (Throwable $error) {
        return ['ok' => false, 'ms' => intdiv(hrtime(true) - $from, 1_000_000), 'error' => $error->getMessage()];
    }
}
