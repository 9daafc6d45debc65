<?php
/** Before every script: errors, uncaught exceptions and slow requests become one JSON object a line on stderr. */
(static function (): void {
    $say = static function (string $level, string $kind, array $more): void {
        $line = [
            'time' => gmdate('Y-m-d\TH:i:s\Z'), 'level' => $level, 'kind' => $kind,
            'environment' => getenv('ENVIRONMENT') ?: null, 'release' => getenv('RELEASE') ?: null,
            'method' => $_SERVER['REQUEST_METHOD'] ?? null, 'uri' => $_SERVER['REQUEST_URI'] ?? null,
            'script' => PHP_SAPI === 'cli' ? ($_SERVER['argv'][0] ?? null) : null,
        ] + $more;
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR;
        file_put_contents('php://stderr', json_encode(array_filter($line, static fn ($it) => $it !== null), $flags) . "\n");
    };
    $levelOf = static fn (int $type): string => match (true) {
        ($type & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR)) !== 0 => 'error',
        ($type & (E_WARNING | E_CORE_WARNING | E_COMPILE_WARNING | E_USER_WARNING)) !== 0 => 'warning',
        default => 'notice',
    };
    set_error_handler(static function (int $type, string $message, string $file, int $line) use ($say, $levelOf): bool {
        // Silenced by @.
        if (($type & error_reporting()) === 0) return false;
        $say($levelOf($type), 'php', ['message' => $message, 'file' => $file, 'line' => $line]);
        return true;
    });
    set_exception_handler(static function (Throwable $error) use ($say): void {
        $say('error', 'exception', ['message' => get_class($error) . ': ' . $error->getMessage(), 'file' => $error->getFile(), 'line' => $error->getLine()]);
        if (PHP_SAPI === 'cli') exit(255);
        if (!headers_sent()) http_response_code(500);
    });
    // From here on all of it is told as JSON, and once only.
    ini_set('log_errors', '0');
    $from = hrtime(true);
    $limit = (int) (getenv('SLOW_MS') ?: 1000);
    register_shutdown_function(static function () use ($say, $levelOf, $from, $limit): void {
        $last = error_get_last();
        $fatal = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR;
        if ($last !== null && ($last['type'] & $fatal) !== 0) {
            $say('error', 'php', ['message' => strtok($last['message'], "\n"), 'file' => $last['file'], 'line' => $last['line']]);
        }
        $ms = intdiv(hrtime(true) - $from, 1_000_000);
        if (PHP_SAPI !== 'cli' && $ms >= $limit) $say('warning', 'slow', ['ms' => $ms, 'message' => "slow request: $ms ms"]);
    });
})();
