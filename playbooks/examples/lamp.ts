#!/usr/bin/env -S npx zx
import { InputError } from '../../lib/errors/input-error.ts'
/**
 * A LAMP server: `npx zx playbooks/examples/lamp.ts --on web1 --check --diff`. Debian 12 and 13,
 * Ubuntu 22.04 and 24.04.
 */
import { os } from '../../lib/facts.ts'
import { apt } from '../../lib/operations/apt.ts'
import { directory } from '../../lib/operations/directory.ts'
import { file } from '../../lib/operations/file.ts'
import { http } from '../../lib/operations/http.ts'
import { link } from '../../lib/operations/link.ts'
import { mariadb } from '../../lib/operations/mariadb.ts'
import { service } from '../../lib/operations/service.ts'
import { playbook } from '../../lib/playbook.ts'
import { phpPage, site } from './lamp/site.ts'

const run = await playbook(import.meta, {
  about:
    'A LAMP server: Apache, PHP by FPM, MariaDB on the host, and a page that reads the database.',
  flags: { on: { type: 'string', help: 'the hosts, as a pattern; required', required: true } },
})

/** The PHP of each release: Debian names its service by it. */
const php: Readonly<Record<string, string>> = {
  bookworm: '8.2',
  trixie: '8.4',
  jammy: '8.1',
  noble: '8.3',
}

/** Made on first use, and kept in the store. */
const password = await run.secret('shop/database')

await run.play(run.hosts(run.flags.on), { facts: { os } }, ({ name, facts }) => {
  const version = php[facts.os.codename ?? '']
  if (version === undefined)
    throw new InputError({
      place: name,
      message: `which PHP ${facts.os.name} has is not known here`,
      next: 'add it to the table',
    })
  const config = file({ path: '/etc/apache2/sites-available/shop.conf', content: site(version) })
  const limits = file({
    path: `/etc/php/${version}/fpm/conf.d/90-shop.ini`,
    content: 'memory_limit = 128M\nupload_max_filesize = 16M\n',
  })
  const enabled = ['proxy.conf', 'proxy.load', 'proxy_fcgi.load'].map(module =>
    link({ path: `/etc/apache2/mods-enabled/${module}`, target: `../mods-available/${module}` }),
  )
  // The package enables its default site under this name: it becomes ours.
  const live = link({
    path: '/etc/apache2/sites-enabled/000-default.conf',
    target: '../sites-available/shop.conf',
  })
  const apache = service({
    name: 'apache2',
    state: 'running',
    enabled: true,
    restartOn: enabled,
    reloadOn: [config, live],
  })
  return {
    packages: [
      apt.packages({
        names: ['apache2', 'mariadb-server', 'curl', `php${version}-fpm`, `php${version}-mysql`],
      }),
    ],
    database: [
      service({ name: 'mariadb', state: 'running', enabled: true }),
      mariadb.database({ name: 'shop' }),
      mariadb.user({
        user: 'shop',
        host: 'localhost',
        password,
        grants: { '`shop`.*': ['ALL PRIVILEGES'] },
      }),
      directory({ path: '/etc/shop' }),
      file({ path: '/etc/shop/password', content: password, group: 'www-data', mode: '640' }),
    ],
    php: [
      limits,
      service({ name: `php${version}-fpm`, state: 'running', enabled: true, restartOn: [limits] }),
    ],
    site: [
      directory({ path: '/var/www/shop' }),
      file({ path: '/var/www/shop/index.php', content: phpPage }),
      config,
      ...enabled,
      live,
      apache,
      http.answers({
        host: 'localhost',
        scheme: 'http',
        text: 'the database answers',
        waitFor: apache,
        timeoutSeconds: 30,
      }),
    ],
  }
})
