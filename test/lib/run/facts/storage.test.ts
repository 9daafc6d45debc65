import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { disks, mounts } from '../../../../lib/facts.ts'
import { gathers, reads } from '../../../support/facts.ts'

const coreutils = `Filesystem     1024-blocks     Used Available Capacity Mounted on
udev               2005428        0   2005428       0% /dev
/dev/vda1         30832548  5123456  24117100      18% /
tmpfs               403100      640    402460       1% /run
/dev/vda          264212084 16400388  79100876     18% /var/lib/docker
nas:/my share    1000000000  4000000 996000000       1% /mnt/my share
mounts
/dev/vda1 / ext4 rw,relatime 0 0
udev /dev devtmpfs rw 0 0
proc /proc proc rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/vda /var/lib/docker ext4 rw,relatime 0 0
nas:/my\\040share /mnt/my\\040share nfs4 rw 0 0
`
const busybox = `Filesystem           1024-blocks    Used Available Capacity Mounted on
devtmpfs                 10240         0     10240   0% /dev
/dev/vda3             29756224   1034112  27185212   4% /
overlay               29756224   1034112  27185212   4% /
/dev/vda1               295092     27180    247612  10% /boot
full                     10000     10000      -500 105% /full
mounts
devtmpfs /dev devtmpfs rw 0 0
/dev/vda3 / ext4 rw 0 0
overlay / overlay rw 0 0
/dev/vda1 /boot vfat rw 0 0
full /full ext4 rw 0 0
`
const K = 1024

const shown = (printed: string): string[] => {
  const found = mounts.read(printed)
  return Array.isArray(found) ? found.map(one => Object.values(one).join(' ')) : []
}
test('mounts: of coreutils', () =>
  assert.equal(shown(coreutils), [
    `/dev udev devtmpfs ${2005428 * K} 0 ${2005428 * K}`,
    `/ /dev/vda1 ext4 ${30832548 * K} ${5123456 * K} ${24117100 * K}`,
    `/run tmpfs tmpfs ${403100 * K} ${640 * K} ${402460 * K}`,
    `/var/lib/docker /dev/vda ext4 ${264212084 * K} ${16400388 * K} ${79100876 * K}`,
    `/mnt/my share nas:/my share nfs4 ${1e9 * K} ${4e6 * K} ${996e6 * K}`,
  ]))
test('mounts: of busybox; the upper one of two, and a full one has nothing left', () =>
  assert.equal(shown(busybox), [
    `/dev devtmpfs devtmpfs ${10240 * K} 0 ${10240 * K}`,
    `/ overlay overlay ${29756224 * K} ${1034112 * K} ${27185212 * K}`,
    `/boot /dev/vda1 vfat ${295092 * K} ${27180 * K} ${247612 * K}`,
    `/full full ext4 ${10000 * K} ${10000 * K} 0`,
  ]))
reads(mounts, { nothing: ['mounts\nproc /proc proc rw 0 0\n', /df told of no file system/] })

reads(disks, {
  'a virtual machine': [
    'disks\nloop0 0 0\nvda 536870912 1\nzram0 0 0\nsr0 2097151 1\n',
    [{ name: 'vda', size: 274_877_906_944, rotational: true }],
  ],
  'a server': [
    'disks\nloop0 131072 1\nnvme0n1 1953525168 0\nsda 15628053168 1\ndm-0 1953523120 0\nmd0 100 -\n',
    [
      { name: 'nvme0n1', size: 1_000_204_886_016, rotational: false },
      { name: 'sda', size: 8_001_563_222_016, rotational: true },
    ],
  ],
  'one that does not say whether it turns': [
    'disks\nmmcblk0 100 -\n',
    [{ name: 'mmcblk0', size: 51_200, rotational: null }],
  ],
  'a container without any': ['disks\n', []],
  'something else': ['sh: syntax error\n', /begins with/],
})

gathers(mounts, found => {
  const root = found.find(({ path }) => path === '/')
  assert.ok(root && root.size > 0 && root.type !== '', JSON.stringify(found))
})
gathers(disks, found => assert.ok(found.every(({ name, size }) => name !== '' && size > 0)))

test.run()
