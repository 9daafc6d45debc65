<?php
/** A row each minute. */
require __DIR__ . '/src/load.php';
echo json_encode(['cron' => record('cron', gmdate('Y-m-d H:i'))] + identity()), "\n";
