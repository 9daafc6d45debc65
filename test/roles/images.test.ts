import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { prune } from '../../roles/images/prune.ts'
import { images } from '../../roles/images.ts'
import { findShell, SHELLS } from '../support/shells.ts'

/**
 * A docker that answers from files and keeps what it was told to remove. An image is a line: when
 * it was made, its id, its names.
 */
const docker = `#!/bin/sh
cd "$STATE" || exit 9
case "$1 $2" in "$FAILS"*) echo "Cannot connect to the Docker daemon" >&2; exit 1 ;; esac
named() {
  awk -v want="$1" '{ for (i = 2; i <= NF; i++) if ($i == want) { print; exit } }' images |
    grep . || { echo "Error: No such image: $1" >&2; return 1; }
}
case "$1 $2 $3 $4 $5" in
  "ps --all"*) cat containers ;;
  "container inspect"*) shift 4; for id; do cat "container-$id"; done ;;
  "info --format"*) cat manager ;;
  "service ls"*) echo asked >>log; cat services ;;
  "service inspect"*) cat service-images ;;
  "image ls --quiet --no-trunc --filter"*)
    awk '{
      tags = 0; for (i = 3; i <= NF; i++) if ($i !~ /@/) tags++
      if (tags == 0) print $2
    }' images ;;
  "image ls"*)
    awk -v repository="$5" '{
      for (i = 3; i <= NF; i++)
        if (index($i, repository ":") == 1 || index($i, repository "@") == 1) print $2
    }' images ;;
  "image inspect"*)
    shift 2; format=
    [ "$1" != --format ] || { format=$2; shift 2; }
    for name; do
      line=$(named "$name") || exit 1
      set -- $line
      case $format in
        *Created*Id*) echo "$1 $2" ;;
        *Created*) echo "$1" ;;
        *len*)
          echo "$line" | awk '{
            for (i = 3; i <= NF; i++) if ($i ~ /@/) digests++; else tags++
            print tags + 0, digests + 0
          }' ;;
        *RepoTags*) shift 2; for ref; do echo "$ref"; done ;;
        *) echo "$2" ;;
      esac
    done ;;
  "image rm"*)
    echo "rm $3" >>log
    awk -v gone="$3" '$2 == gone { next } {
      names = 0; line = $1 " " $2
      for (i = 3; i <= NF; i++) if ($i != gone) { names++; line = line " " $i }
      if (names == NF - 2 || names > 0) print line
    }' images >images.new
    mv images.new images ;;
  *) echo "docker $*: not foreseen" >&2; exit 9 ;;
esac`

const id = (n: number): string => `sha256:${String(n).repeat(64)}`
const digest = (n: number): string => `localhost/app@sha256:${'d'.repeat(63)}${n}`
/** Five releases of one application, as they came, and another's. */
const five = [
  `2026-11-03T10:00:00.1Z ${id(3)} localhost/app:v3`,
  `2026-11-01T10:00:00.1Z ${id(1)} localhost/app:v1`,
  `2026-11-05T10:00:00.1Z ${id(5)} localhost/app:v5`,
  `2026-11-02T10:00:00.1Z ${id(2)} localhost/app:v2`,
  `2026-11-04T10:00:00.1Z ${id(4)} localhost/app:v4`,
  `2020-01-01T10:00:00.1Z ${id(9)} localhost/apparel:v1`,
]

type State = {
  readonly images?: readonly string[]
  /** The images of the containers that are there. */
  readonly used?: readonly string[]
  /** The names that services give to images; null: the node is no manager. */
  readonly services?: readonly string[] | null
  /** The beginning of a command that fails. */
  readonly fails?: string
  readonly words?: readonly string[]
}

const pruned = (
  shell: (typeof SHELLS)[number],
  { images: list = five, used = [], services = null, fails = '-', words }: State,
) => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-prune-'))
  const files: Record<string, string> = {
    images: list.map(line => `${line}\n`).join(''),
    containers: used.map((_, i) => `c${i}\n`).join(''),
    ...Object.fromEntries(used.map((image, i) => [`container-c${i}`, `${image}\n`])),
    manager: `${services !== null}\n`,
    services: services && services.length > 0 ? 'service\n' : '',
    'service-images': `${(services ?? []).join(' ')}\n`,
    program: prune,
    docker,
  }
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    chmodSync(join(folder, 'docker'), 0o755)
    const path = [
      folder,
      ...(shell === 'busybox' ? [dirname(findShell(shell))] : []),
      '/usr/bin',
      '/bin',
    ].join(':')
    const env = { PATH: path, STATE: folder, FAILS: fails }
    const { status, stderr } = spawnSync(
      findShell(shell),
      [join(folder, 'program'), ...(words ?? ['3', 'localhost/app'])],
      {
        encoding: 'utf8',
        timeout: 60_000,
        env,
      },
    )
    const log = join(folder, 'log')
    return {
      status,
      stderr,
      log: existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [],
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const rows: Record<string, [state: State, log: readonly string[]]> = {
  'the three newest stay, whatever the order they came in': [
    {},
    ['rm localhost/app:v2', 'rm localhost/app:v1'],
  ],
  'three are not too many': [{ images: five.slice(0, 3) }, []],
  'none is there': [{ images: [] }, []],
  'more or fewer may be kept': [{ words: ['4', 'localhost/app'] }, ['rm localhost/app:v1']],
  'what a container has stays, running or not': [{ used: [id(1), id(5)] }, ['rm localhost/app:v2']],
  'what a service names stays, though it runs elsewhere; what is not here is no matter': [
    { services: ['localhost/app:v2', 'nginx:1.22'] },
    ['asked', 'rm localhost/app:v1'],
  ],
  'what a service names by its id stays': [{ services: [id(1)] }, ['asked', 'rm localhost/app:v2']],
  'what a service may go back to stays': [
    { services: [id(5), id(2)] },
    ['asked', 'rm localhost/app:v1'],
  ],
  'a manager without services': [
    { services: [] },
    ['asked', 'rm localhost/app:v2', 'rm localhost/app:v1'],
  ],
  'what was pulled by its digest goes by it': [
    {
      images: five.map(line =>
        line.replace('localhost/app:v1', digest(1)).replace('app:v2', `app:v2 ${digest(2)}`),
      ),
    },
    ['rm localhost/app:v2', `rm ${digest(2)}`, `rm ${digest(1)}`],
  ],
  'the name that another repository gave it stays': [
    { images: five.map(line => line.replace('app:v1', 'app:v1 localhost/copy:v1')) },
    ['rm localhost/app:v2', 'rm localhost/app:v1'],
  ],
  'an image with two names of the repository is one release': [
    { images: five.map(line => line.replace('app:v5', 'app:v5 localhost/app:newest')) },
    ['rm localhost/app:v2', 'rm localhost/app:v1'],
  ],
  'images without any name go; one that a digest names is a release that was pulled so': [
    {
      words: ['3'],
      images: [
        ...five,
        `2020-01-01T10:00:00Z ${id(7)}`,
        `2020-01-01T10:00:00Z ${id(8)} ${digest(8)}`,
      ],
    },
    [`rm ${id(7)}`],
  ],
  'an image without a name may be a step of a build that is under way: made lately, it stays': [
    { words: ['3'], images: [`${new Date().toISOString()} ${id(7)}`] },
    [],
  ],
  'an image without a name that a container has stays': [
    { words: ['3'], images: [`2020-01-01T10:00:00Z ${id(7)}`], used: [id(7)] },
    [],
  ],
  'three releases that were pulled by their digests stay': [
    { images: [1, 2, 3].map(n => `2026-01-0${n}T10:00:00Z ${id(n)} ${digest(n)}`) },
    [],
  ],
  'several repositories, each for itself': [
    { words: ['1', 'localhost/app', 'localhost/apparel'], images: five.slice(3) },
    ['rm localhost/app:v2'],
  ],
}

const failing = [
  'ps',
  'container inspect',
  'info',
  'service ls',
  'service inspect',
  'image inspect',
  'image ls',
]

for (const shell of SHELLS) {
  for (const [title, [state, log]] of Object.entries(rows))
    test(`${shell}: ${title}`, () => {
      const ended = pruned(shell, state)
      assert.equal([ended.status, ended.stderr, ended.log], [0, '', log])
    })

  test(`${shell}: whatever cannot be read, nothing is removed`, () => {
    for (const fails of failing) {
      const { status, stderr, log } = pruned(shell, { fails, used: [id(1)], services: [id(2)] })
      assert.equal([fails, status, log.filter(line => line !== 'asked')], [fails, 1, []])
      assert.match(stderr, 'Cannot connect')
    }
  })

  test(`${shell}: one that cannot be removed ends it as failed, after the others`, () => {
    const { status, log } = pruned(shell, { fails: 'image rm' })
    assert.equal([status, log], [1, []])
  })
}

test('the timer runs it with the repositories and the number that stay', () => {
  const ops = images({ repositories: ['localhost/app', 'registry.example/shop'] })
  assert.equal(
    ops.map(({ id }) => id),
    [
      'directory /usr/local/lib/brd',
      'file /usr/local/lib/brd/prune-images',
      'systemd.unit brd-prune-images.service',
      'systemd.unit brd-prune-images.timer',
      'service brd-prune-images.timer',
    ],
  )
  const plan = ops[2]?.decide(
    { exitCode: 0, stdout: Buffer.from('no\nabsent\n'), stderr: '' },
    { pending: () => false },
  )
  assert.match(
    JSON.stringify(plan),
    /ExecStart=\/usr\/local\/lib\/brd\/prune-images 3 localhost\/app registry\.example\/shop/,
  )
})

test.run()
