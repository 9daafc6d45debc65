/** Apache's site: files as they are, PHP by its FPM. */
export const site = (php: string): string => `<VirtualHost *:80>
  DocumentRoot /var/www/shop
  DirectoryIndex index.php
  <FilesMatch "\\.php$">
    SetHandler "proxy:unix:/run/php/php${php}-fpm.sock|fcgi://localhost/"
  </FilesMatch>
</VirtualHost>
`

/** A page that says whether it reaches the database: by the socket, as the user it runs as, without a password. */
export const phpPage = `<?php
$database = new mysqli('localhost', 'www-data', null, 'shop');
echo $database->query('SELECT 1')->num_rows === 1 ? "the database answers\\n" : "the database does not answer\\n";
`
