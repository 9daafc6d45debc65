/** Apache's site: files as they are, PHP by its FPM. */
export const site = (php: string): string => `<VirtualHost *:80>
  DocumentRoot /var/www/shop
  DirectoryIndex index.php
  <FilesMatch "\\.php$">
    SetHandler "proxy:unix:/run/php/php${php}-fpm.sock|fcgi://localhost/"
  </FilesMatch>
</VirtualHost>
`

/**
 * A page that says whether it reaches the database, with the password that only its user may read.
 */
export const phpPage = `<?php
$database = new mysqli('localhost', 'shop', file_get_contents('/etc/shop/password'), 'shop');
$answers = $database->query('SELECT 1')->num_rows === 1;
echo $answers ? "the database answers\\n" : "the database does not answer\\n";
`
