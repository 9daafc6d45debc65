import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { converge } from '../../../lib/converge/converge.ts'
import { disk, type Free } from '../../../lib/operations/disk.ts'
import { plans, refuses } from '../../support/operations.ts'
import { openShell, SHELLS } from '../../support/shells.ts'

const want: Free = { path: '/var/lib/docker', minFree: '2G' }
const G = 1024 ** 3 / 4096

plans(disk.free, {
  'room enough': [`4096 ${10 * G} ${2 * G} 1000 10\n`, want, []],
  'too little': [
    `4096 ${10 * G} ${2 * G - 1} 1000 10\n`,
    want,
    /the disk of \/var\/lib\/docker has 1\.9G left of 10G, and 2G are required: free some space/,
  ],
  'nothing at all': [`4096 ${10 * G} 0 1000 10\n`, want, /has 0M left of 10G/],
  'no further file': [
    `4096 ${10 * G} ${9 * G} 1000 0\n`,
    want,
    /has no inodes left, although 9G are free/,
  ],
  'a file system that does not count files': [`4096 ${10 * G} ${9 * G} 0 0\n`, want, []],
  'a failed probe is no room and no lack of it': [
    { exitCode: 1, stderr: 'stat: cannot read file system information' },
    want,
    /cannot be read \(exit 1\)/,
  ],
  'nor is an empty answer': ['', want, /cannot be read/],
})

for (const name of SHELLS)
  test(`a folder that exists and one that does not, in one round trip in ${name}`, async () => {
    const { shell } = openShell(name)
    try {
      const ops = [
        disk.free({ path: '/tmp', minFree: '1K' }),
        disk.free({ path: '/no/such/folder', minFree: '1K' }),
      ]
      const { result, trips, outcomes } = await converge(ops, {
        host: 'here',
        shell: async () => shell,
        check: false,
      })
      assert.equal([result, trips, ...outcomes.map(({ is }) => is)], ['ok', 1, 'ok', 'ok'])
    } finally {
      await shell.end()
    }
  })

refuses(
  'more than there is',
  folder => disk.free({ path: folder, minFree: '900000G' }),
  /left of .*, and 900000G are required/,
)

test.run()
