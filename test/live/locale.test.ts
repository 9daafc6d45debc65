import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { apt } from '../../lib/operations/apt.ts'
import { locale } from '../../lib/operations/locale.ts'
import { type LabHost, openLabHost, settlesLive } from '../support/lab-host.ts'

let host: LabHost
test.before(() => {
  host = openLabHost('infra-stage')
  host.root(`mkdir -p /root/brd-locale; command -v locale-gen >/root/brd-locale/was || :
    for f in /etc/default/locale /etc/locale.gen; do
      [ ! -e $f ] || cp -p $f /root/brd-locale/
    done`)
})
test.after(async () => {
  host?.root(`cd /root/brd-locale; rm -f /etc/default/locale /etc/locale.gen
    [ ! -e locale ] || cp -p locale /etc/default/; [ ! -e locale.gen ] || cp -p locale.gen /etc/
    localedef --delete-from-archive en_GB.utf8 2>/dev/null || :
    [ -s was ] || {
      apt-get -qq -y purge locales >/dev/null 2>&1; rm -rf /usr/lib/locale/locale-archive
    }
    rm -r /root/brd-locale`)
  await host?.end()
})

test('without its package it names what is missing; with it in the list, it waits', async () => {
  if (host.root('command -v locale-gen || :') !== '')
    return void assert.is((await host.converge([locale({ lang: 'C.UTF-8' })], true)).result, 'ok')
  assert.match(
    (await host.converge([locale({ lang: 'en_GB.UTF-8' })])).error?.message ?? '',
    /install the package locales first/,
  )
  const both = await host.converge(
    [apt.packages({ names: ['locales'] }), locale({ lang: 'en_GB.UTF-8' })],
    true,
  )
  assert.equal(
    both.outcomes.map(({ is }) => is),
    ['would-change', 'unknown'],
  )
})
settlesLive(
  () => host,
  'a language that is generated, after its package',
  () => [apt.packages({ names: ['locales'] }), locale({ lang: 'en_GB.UTF-8' })],
  {
    after: host => {
      assert.is(
        host.root(
          '. /etc/default/locale; export LANG; unset LC_ALL; locale charmap; locale -a | grep -c en_GB',
        ),
        'UTF-8\n1\n',
      )
      assert.is(host.root("grep -c '^en_GB.UTF-8 UTF-8$' /etc/locale.gen"), '1\n')
    },
  },
)
settlesLive(
  () => host,
  'the one that is always there',
  () => [locale({ lang: 'C.UTF-8', also: ['en_GB.UTF-8'] })],
  { kinds: ['changed'] },
)
test('a language that nobody speaks', async () => {
  const run = await host.converge([locale({ lang: 'qq_QQ.UTF-8' })])
  assert.match(run.error?.stderr ?? '', /does not know the locale qq_QQ\.UTF-8/)
})

test.run()
