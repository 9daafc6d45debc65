<?php
foreach (['app', 'bucket', 'ledger', 'health', 'pages'] as $part) require_once __DIR__ . "/$part.php";
