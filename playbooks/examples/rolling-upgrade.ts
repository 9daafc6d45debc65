#!/usr/bin/env -S npx zx
import { apt } from '../../lib/operations/apt.ts'
import { directory } from '../../lib/operations/directory.ts'
import { file } from '../../lib/operations/file.ts'
import { http } from '../../lib/operations/http.ts'
import { link } from '../../lib/operations/link.ts'
import { service } from '../../lib/operations/service.ts'
import { playbook } from '../../lib/playbook.ts'
/**
 * A new release on a web tier, one server after another: `npx zx
 * playbooks/examples/rolling-upgrade.ts --on web --release v2`. Each server is taken out
 * of the balancer's rotation, upgraded, looked at, and put back; the first that is not well ends
 * the roll, and the others still serve what they did.
 */
import type { Fact } from '../../lib/run/facts/fact.ts'
import { sh } from '../../lib/sh.ts'

const run = await playbook(import.meta, {
  about: 'A new release on a web tier, one server after another.',
  flags: {
    on: { type: 'string', help: 'the hosts, as a pattern; required', required: true },
    release: { type: 'string', help: 'what shall be served, such as v2; required', required: true },
  },
})
const { on, release } = run.flags

/** Where the balancer asks: 503 while the server is drained. */
const drained = '/srv/www/drained'
const web = `server {
  listen 8080 default_server;
  root /srv/www/current;
  location = /healthz {
    if (-f ${drained}) { return 503; }
    return 200 "ok\\n";
  }
}
`

/** A fact of this playbook: the release that is served; null if there is no release. */
const live: Fact<string | null> = {
  name: 'live release',
  probe: sh`if [ -h /srv/www/current ]; then readlink /srv/www/current; else echo none; fi`,
  read: printed => (printed.trim() === 'none' ? null : (printed.trim().split('/').at(-1) ?? null)),
}

const config = file({ path: '/etc/nginx/conf.d/web.conf', content: web })
const nginx = service({ name: 'nginx', state: 'running', enabled: true, reloadOn: [config] })
const health = (status: number) =>
  http.answers({
    host: 'localhost',
    scheme: 'http',
    port: 8080,
    path: '/healthz',
    status,
    waitFor: nginx,
    timeoutSeconds: 20,
  })

/** What every server has, whatever it serves; harmless while it serves. */
const tier = [
  apt.packages({ names: ['nginx-light', 'curl'] }),
  config,
  nginx,
  directory({ path: '/srv/www' }),
  directory({ path: `/srv/www/${release}` }),
  file({ path: `/srv/www/${release}/index.html`, content: `release ${release}\n` }),
]
const serves = [
  link({ path: '/srv/www/current', target: `/srv/www/${release}` }),
  http.answers({
    host: 'localhost',
    scheme: 'http',
    port: 8080,
    text: `release ${release}`,
    waitFor: nginx,
    timeoutSeconds: 20,
  }),
]
const drain = [file({ path: drained, content: `for ${release}\n` }), health(503)]
const back = [file({ path: drained, state: 'absent' }), health(200)]

for (const host of run.hosts(on)) {
  const behind = new Set<string>()
  await run.play(
    [host],
    { facts: { live } },
    ({ name, facts }) => {
      if (facts.live !== null && facts.live !== release) behind.add(name)
      return tier
    },
    'tier',
  )
  if (behind.has(host.name)) await run.play([host], () => drain, 'drain')
  await run.play([host], () => serves, 'release')
  // In check mode nothing was drained: that there is nothing to put back would be no answer.
  if (run.mode === 'check' && behind.has(host.name)) {
    run.note('would be put back into the rotation', host.name)
    continue
  }
  // A server that failed above is left out here: it stays drained until somebody has looked.
  const { ok } = await run.play([host], () => back, 'back')
  if (!ok.includes(host)) {
    run.note(`the roll ended at ${host.name}: what comes after it serves what it did`)
    break
  }
}
