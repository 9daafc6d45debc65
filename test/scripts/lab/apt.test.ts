import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findProxy, renderSources, selectSettings } from '../../../scripts/lab/apt.ts'

const bookworm = { id: 'debian', codename: 'bookworm' }
const debian = `deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
`
const paragraphs = `Types: deb
# a snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://mirror.example/off
Suites: bookworm
Components: main
Enabled: no
`
const lines = `# deb http://old.example/debian bookworm main
deb [arch=amd64 signed-by=/x.gpg] https://mirror.example/debian bookworm main non-free-firmware
deb-src http://mirror.example/debian bookworm main
deb https://download.docker.com/linux/debian bookworm stable
deb https://apt.example/pg bookworm-pgdg main
`

const rows: [string, Parameters<typeof renderSources>, string][] = [
  [
    'paragraphs',
    [[paragraphs], bookworm],
    'deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian bookworm-updates main\n',
  ],
  [
    "lines; other people's repositories stay out",
    [[lines], bookworm],
    'deb https://mirror.example/debian bookworm main\n',
  ],
  [
    'another release of Debian lends its mirror',
    [['deb http://m.example/debian trixie main'], { id: 'debian', codename: 'trixie' }],
    'deb http://m.example/debian bookworm main\n',
  ],
  [
    "another system's mirrors are of no use",
    [['deb http://m.example/ubuntu noble main'], { id: 'ubuntu', codename: 'noble' }],
    debian,
  ],
  ['nothing to read', [[], bookworm], debian],
]
for (const [title, input, expected] of rows)
  test(`sources: ${title}`, () => assert.is(renderSources(...input), expected))

const dump = `APT "";
Acquire::cdrom::mount "/media/cdrom/";
Acquire::http "";
Acquire::http::Proxy "http://proxy.example:3128/";
Acquire::http::Proxy-Auto-Detect "/usr/bin/detect";
Acquire::https::CaInfo "/home/me/ca.pem";
Acquire::https::SslKey "/home/me/key.pem";
Acquire::Check-Date "false";
Acquire::Retries "3";
`
test('settings: how to fetch, and nothing that points into this machine', () =>
  assert.is(
    selectSettings(dump),
    'Acquire::http::Proxy "http://proxy.example:3128/";\nAcquire::Check-Date "false";\nAcquire::Retries "3";\n',
  ))

test('proxy: the one that the settings name', () => {
  assert.is(findProxy(selectSettings(dump)), 'http://proxy.example:3128/')
  assert.is(findProxy(''), null)
})

test.run()
