import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { git } from '../../../lib/operations/git.ts'
import {
  plans,
  refuses as refusesWith,
  type Settling,
  settles as settlesWith,
} from '../../support/operations.ts'

const [one, two] = ['1'.repeat(40), '2'.repeat(40)] as const
const repo = 'https://git.example/app.git'
const want = { repo, path: '/srv/app', version: 'main' } as const

plans(git, {
  'clones what is absent': [`${one}\nabsent\n`, want, ['commit: absent -> 111111111111 (main)']],
  'leaves what is right': [`${one}\n${one}\n${repo}\n`, want, []],
  'moves on': [`${two}\n${one}\n${repo}\n`, want, ['commit: 111111111111 -> 222222222222 (main)']],
  'ends what was begun': [
    `${one}\nunborn\nnone\n`,
    want,
    ['commit: absent -> 111111111111 (main)'],
  ],
  'takes another repository': [`${one}\n${one}\n/old\n`, want, [`repo: /old -> ${repo}`]],
  'does not throw away what was changed by hand': [
    `${two}\n${one}\n${repo}\n1 .M N... 100644 100644 100644 ${one} ${one} a.php\n`,
    want,
    /changed by hand \(a.php\): give force: true/,
  ],
  'does so where it is told to': [
    `${one}\n${one}\n${repo}\n1 .M N... 100644 100644 100644 ${one} ${one} a b.php\n`,
    { ...want, force: true },
    ['changed by hand: a b.php -> absent'],
  ],
  'a repository that cannot be asked is unknown': [
    { exitCode: 5, stderr: 'fatal: could not read\nit cannot be asked' },
    want,
    /cannot be asked/,
  ],
  'says why git refuses, and not its advice': [
    {
      exitCode: 74,
      stderr:
        "fatal: detected dubious ownership in repository at '/srv/app'\n" +
        'To add an exception for this directory, call:\n\n\tgit config --global --add x /srv/app\n',
    },
    want,
    /^detected dubious ownership in repository at '\/srv\/app': .* give it as owner$/,
  ],
  'says why ssh refuses, and not what git advises': [
    {
      exitCode: 5,
      stderr:
        'git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\n' +
        'Please make sure you have the correct access rights\nand the repository exists.\n' +
        'git@x:a cannot be asked\n',
    },
    want,
    /Permission denied \(publickey\)\. fatal: Could not read .*\. git@x:a cannot be asked$/,
  ],
  'a submodule that stayed empty is no match': [
    `${one}\n${one}\n${repo}\n-${two} lib/a (v1)\n`,
    want,
    ['submodules: missing or at another commit: lib/a -> as the commit has them'],
  ],
  'a submodule at another commit was not changed by hand': [
    `${one}\n${one}\n${repo}\n1 .M SC.. 160000 160000 160000 ${one} ${one} a\n+${two} a (v1)\n`,
    want,
    ['submodules: missing or at another commit: a -> as the commit has them'],
  ],
  'an empty answer is unknown': ['', want, /the probe failed/],
  'half an answer is unknown': [`${one}\n`, want, /the probe failed/],
})
test('bad options are errors at once', () => {
  assert.throws(
    () => git({ ...want, repo: 'https://me:pw@git.example/a' }),
    /could read the password/,
  )
  assert.throws(
    () => git({ ...want, repo: 'HTTPS://ghp_token@git.example/a' }),
    /repo: every user of the host could read the password/,
  )
  for (const repo of ['ssh://git@git.example/a', 'git@git.example:a', 'https://git.example/@a'])
    assert.ok(git({ ...want, repo }))
  assert.throws(() => git({ ...want, repo: '--upload-pack=x' }), /not the address of a repository/)
  assert.throws(() => git({ ...want, version: 'a b' }), /not a branch/)
  assert.throws(() => git({ ...want, depth: 0 }), /depth: 0 is not possible/)
})

const run = (cwd: string, ...args: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main', ...args],
    {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  ).trim()

/**
 * A bare repository with two commits on main, a tag `v1` on the first and a branch `next` with a
 * third.
 */
const bare = (folder: string) => {
  chmodSync(folder, 0o755)
  mkdirSync(`${folder}/work`)
  run(`${folder}/work`, 'init', '--quiet')
  const commit = (text: string) => {
    writeFileSync(`${folder}/work/f`, text)
    run(`${folder}/work`, 'add', 'f')
    run(`${folder}/work`, 'commit', '--quiet', '--message', text)
  }
  commit('one\n')
  run(`${folder}/work`, 'tag', '--annotate', '--message', 'v1', 'v1')
  commit('two\n')
  run(`${folder}/work`, 'checkout', '--quiet', '-b', 'next')
  commit('three\n')
  run(`${folder}/work`, 'checkout', '--quiet', 'main')
  run(folder, 'clone', '--quiet', '--bare', 'work', 'bare')
}
/** busybox has no git of its own. */
const tools = {
  git: 'exec /usr/bin/git -c protocol.file.allow=always "$@"',
  runuser: 'exec /usr/sbin/runuser "$@"',
  getent: 'exec /usr/bin/getent "$@"',
}
const settles = (title: string, make: Parameters<typeof settlesWith>[1], rest: Settling) =>
  settlesWith(title, make, { ...rest, tools })
const refuses = (
  title: string,
  make: Parameters<typeof refusesWith>[1],
  says: RegExp,
  rest: Settling = {},
) => refusesWith(title, make, says, { ...rest, tools })
const from = (folder: string) =>
  ({ repo: `file://${folder}/bare`, path: `${folder}/deep/app` }) as {
    repo: string
    path: `/${string}`
  }
const holds =
  (text: string, mode = 0o644) =>
  (folder: string) => {
    assert.is(readFileSync(`${folder}/deep/app/f`, 'utf8'), text)
    assert.is(statSync(`${folder}/deep/app/f`).mode & 0o777, mode)
    assert.equal(readdirSync(`${folder}/deep`), ['app'])
  }
const cloned =
  (after: (app: string) => void = () => {}) =>
  (folder: string) => {
    bare(folder)
    mkdirSync(`${folder}/deep`)
    run(folder, 'clone', '--quiet', `file://${folder}/bare`, 'deep/app')
    after(`${folder}/deep/app`)
  }

settles('a new working tree', folder => git(from(folder)), { before: bare, after: holds('two\n') })
settles('another owner', folder => git({ ...from(folder), owner: 'nobody' }), {
  before: folder => {
    bare(folder)
    run(folder, 'config', '--file', 'bare/config', 'core.sharedRepository', 'all')
    execFileSync('chown', ['-R', 'nobody', `${folder}/bare`])
  },
  after: folder => {
    holds('two\n')(folder)
    assert.equal(
      [
        statSync(`${folder}/deep/app`).uid,
        statSync(`${folder}/deep/app/f`).uid,
        statSync(`${folder}/deep`).uid,
      ],
      [65534, 65534, 0],
    )
  },
})
settles(
  'an annotated tag, one commit deep',
  folder => git({ ...from(folder), version: 'v1', depth: 1 }),
  {
    before: bare,
    after: folder => {
      holds('one\n')(folder)
      assert.is(run(`${folder}/deep/app`, 'rev-list', '--count', 'HEAD'), '1')
    },
  },
)
settles('another branch, other files stay', folder => git({ ...from(folder), version: 'next' }), {
  before: cloned(app => writeFileSync(`${app}/mine`, 'x')),
  after: folder => {
    holds('three\n')(folder)
    assert.ok(existsSync(`${folder}/deep/app/mine`))
  },
})
settles('a branch that moved on', folder => git({ ...from(folder), version: 'main' }), {
  before: folder => {
    cloned()(folder)
    writeFileSync(`${folder}/work/f`, 'four\n')
    run(`${folder}/work`, 'commit', '--quiet', '--all', '--message', 'four')
    run(`${folder}/work`, 'push', '--quiet', `${folder}/bare`, 'main')
  },
  after: holds('four\n'),
})
settles('a submodule is not left empty', folder => git(from(folder)), {
  before: folder => {
    bare(folder)
    const allow = ['-c', 'protocol.file.allow=always']
    run(folder, 'clone', '--quiet', '--bare', 'work', 'other')
    run(`${folder}/work`, ...allow, 'submodule', '--quiet', 'add', `file://${folder}/other`, 'sub')
    run(`${folder}/work`, 'commit', '--quiet', '--message', 'sub')
    run(`${folder}/work`, 'push', '--quiet', `${folder}/bare`, 'main')
    mkdirSync(`${folder}/deep`)
    run(folder, 'clone', '--quiet', `file://${folder}/bare`, 'deep/app')
    assert.equal(readdirSync(`${folder}/deep/app/sub`), [])
  },
  after: folder => assert.is(readFileSync(`${folder}/deep/app/sub/f`, 'utf8'), 'two\n'),
})
settles('modes of our own are no change by hand', folder => git(from(folder)), {
  before: cloned(app => chmodSync(`${app}/f`, 0o755)),
  after: holds('two\n', 0o755),
})
settles('what is right', folder => git(from(folder)), { before: cloned(), after: holds('two\n') })
settles('an empty folder, and half a clone beside it', folder => git(from(folder)), {
  before: folder => {
    bare(folder)
    mkdirSync(`${folder}/deep/app`, { recursive: true })
    mkdirSync(`${folder}/deep/.app.brd/.git`, { recursive: true })
  },
  after: holds('two\n'),
})
settles('changed by hand, with force', folder => git({ ...from(folder), force: true }), {
  before: cloned(app => writeFileSync(`${app}/f`, 'mine\n')),
  after: holds('two\n'),
})
refuses(
  'changed by hand',
  folder => git({ ...from(folder), version: 'next' }),
  /changed by hand \(f\)/,
  {
    before: cloned(app => writeFileSync(`${app}/f`, 'mine\n')),
    after: holds('mine\n'),
  },
)
refuses('a folder of others', folder => git(from(folder)), /is not a git working tree/, {
  before: folder => {
    bare(folder)
    mkdirSync(`${folder}/deep/app`, { recursive: true })
    writeFileSync(`${folder}/deep/app/x`, '')
  },
})
refuses(
  'a branch that is not there',
  folder => git({ ...from(folder), version: 'mian' }),
  /has no branch or tag mian/,
  { before: bare },
)
refuses('no repository', folder => git(from(folder)), /cannot be asked/)

test.run()
