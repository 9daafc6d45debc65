<?php
/** Takes jobs off the queue, one row each. A job leaves the list of those taken when its row is there, so none is lost, and none counts twice. */
require __DIR__ . '/src/load.php';

$stop = false;
pcntl_async_signals(true);
foreach ([SIGTERM, SIGINT] as $signal) {
    pcntl_signal($signal, static function () use (&$stop): void { $stop = true; });
}
$say = static fn (array $line) => file_put_contents('php://stdout', json_encode($line + identity()) . "\n");

$say(['worker' => 'started']);
$done = 0;
$ready = false;
$pause = 1;
while (!$stop) {
    touch('/tmp/alive');
    try {
        // What an earlier worker took and did not finish.
        if (!$ready) {
            while (redis()->rPopLPush('jobs:taken', 'jobs') !== false);
            $ready = true;
        }
        $job = redis()->brpoplpush('jobs', 'jobs:taken', 5);
        if ($job === false) continue;
        enter('job', (int) $job);
        redis()->lRem('jobs:taken', (string) $job, 1);
        $done++;
        $pause = 1;
    } catch (Throwable $error) {
        if ($stop) break;
        trigger_error("the worker waits $pause s: " . $error->getMessage(), E_USER_WARNING);
        sleep($pause);
        $pause = min(30, $pause * 2);
        $ready = false;
        // A connection that died stays dead: both are made anew.
        try { redis(true); db(true); } catch (Throwable) { }
    }
}
$say(['worker' => 'stopped', 'done' => $done]);
