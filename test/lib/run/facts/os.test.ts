import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { os } from '../../../../lib/facts.ts'
import { gathers, reads } from '../../../support/facts.ts'

const debian = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`
const ubuntu = `PRETTY_NAME="Ubuntu 24.04.4 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.4 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble
LOGO=ubuntu-logo
`
const alpine = `NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.22.1
PRETTY_NAME="Alpine Linux v3.22"
`
const oracle = `NAME="Oracle Linux Server"
VERSION="9.7"
ID="ol"
ID_LIKE="fedora"
VERSION_ID="9.7"
`
const leap = `NAME='openSUSE Leap'
ID="opensuse-leap"
ID_LIKE="suse opensuse"
VERSION_ID="15.6"
`

reads(os, {
  Debian: [
    debian,
    {
      id: 'debian',
      name: 'Debian GNU/Linux',
      version: '12',
      codename: 'bookworm',
      family: 'debian',
    },
  ],
  Ubuntu: [
    ubuntu,
    { id: 'ubuntu', name: 'Ubuntu', version: '24.04', codename: 'noble', family: 'debian' },
  ],
  Alpine: [
    alpine,
    { id: 'alpine', name: 'Alpine Linux', version: '3.22.1', codename: null, family: 'alpine' },
  ],
  'Oracle Linux': [
    oracle,
    { id: 'ol', name: 'Oracle Linux Server', version: '9.7', codename: null, family: 'redhat' },
  ],
  openSUSE: [
    leap,
    { id: 'opensuse-leap', name: 'openSUSE Leap', version: '15.6', codename: null, family: 'suse' },
  ],
  'a rolling one': [
    'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
    { id: 'arch', name: 'Arch Linux', version: null, codename: null, family: 'arch' },
  ],
  'one that nobody knows': [
    'ID=nixos\n',
    { id: 'nixos', name: 'nixos', version: null, codename: null, family: 'other' },
  ],
  'quotes in a name': [
    'ID=x\nNAME="A \\"B\\" C"\n',
    { id: 'x', name: 'A "B" C', version: null, codename: null, family: 'other' },
  ],
  nothing: ['', /does not say ID=/],
})

gathers(os, ({ id, family }) => assert.match(`${id} ${family}`, /^\S+ \S+$/))

test.run()
