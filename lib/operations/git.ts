import { OptionError } from '../errors/option-error.ts'
import { change, type Diff, operation, Unknown } from '../operation.ts'
import { type Sh, sh } from '../sh.ts'
import { surround } from './command/surroundings.ts'
import { refuseLogin } from './file/address.ts'
import { checkPath, type Path } from './file/entry.ts'
import { enterFolderOf } from './file/folder.ts'
import { promiseFolders } from './file/lacks.ts'
import { explainFailure, readStatus, type Status } from './git/status.ts'
import { checkAccountName } from './user/account.ts'

export type Git = {
  /**
   * The address, as `git clone` takes it. The host must know the server's ssh key (`knownHosts`).
   * An address with a password is an error.
   */
  readonly repo: string
  /** The working tree. A folder that is not one, and not empty, is an error. */
  readonly path: Path
  /** A branch, a tag or a whole commit id. Default HEAD, the repository's own branch. */
  readonly version?: string
  /**
   * Discards changes that were made by hand to files of the repository. Otherwise they are an
   * error. Other files always stay. Default false.
   */
  readonly force?: boolean
  /** The owner of the files; git runs as this user, with this user's keys. Default root. */
  readonly owner?: string
  /**
   * How many commits are fetched. Default: all.
   * @range 1 or more
   */
  readonly depth?: number
  /** How long fetching may take, in seconds. Default 600. */
  readonly timeoutSeconds?: number
}

type Now = Status & {
  readonly wanted: string
  readonly commit: string | null
  readonly repo: string
}

const COMMIT = /^[0-9a-f]{40}$/

/**
 * A working tree of this git repository is at this version, with its submodules. Every run asks the
 * repository for the commit of a branch or a tag. The modes of files are not compared.
 */
export const git = operation('git', {
  check: (want: Git) => {
    checkPath(want.path)
    if (want.owner !== undefined) checkAccountName(want.owner)
    const { repo, version = 'HEAD', depth = 1 } = want
    if (!/^[^-\s][^\0\n]*$/.test(repo))
      throw new OptionError({
        message: `repo: ${JSON.stringify(repo)} is not the address of a repository`,
      })
    refuseLogin('repo', repo, 'use an ssh address and a deploy key')
    if (!/^(?!-)(?!.*\.\.)[\w./+@-]+$/.test(version))
      throw new OptionError({
        message: `version: ${JSON.stringify(version)} is not a branch, a tag or a commit`,
      })
    if (!Number.isInteger(depth) || depth < 1)
      throw new OptionError({
        message: `depth: ${depth} is not a number of commits`,
        next: 'give 1 or more',
      })
  },
  name: ({ path }: Git) => path,
  makes: ({ path }) => [...promiseFolders(path), `below ${path}`],
  probe: want => sh`command -v git >/dev/null || { echo 'git is not installed' >&2; exit 3; }
${runAsOwner(
  want,
  sh`${resolveCommit(want)}
echo "$wanted"
[ -e ${`${want.path}/.git`} ] || {
  [ ! -e ${want.path} ] && [ ! -h ${want.path} ] ||
    [ -d ${want.path} ] && [ -z "$(ls -A ${want.path})" ] ||
    { echo ${`${want.path} exists and is not a git working tree: remove it first`} >&2; exit 4; }
  echo absent; exit 0
}
cd ${want.path} || exit 74
git rev-parse --verify --quiet HEAD || { [ $? = 1 ] && echo unborn; } || exit 74
git config --get remote.origin.url || { [ $? = 1 ] && echo none; } || exit 74
export GIT_OPTIONAL_LOCKS=0
git -c core.fileMode=false -c core.quotePath=false status --porcelain=v2 --untracked-files=no \
  --ignore-submodules=untracked || exit 74
[ ! -e .gitmodules ] || git submodule status || exit 74`,
)}`,
  read: (out): Now | Unknown => {
    const [wanted = '', commit = '', repo = '', ...lines] = out.stdout
      .toString()
      .trimEnd()
      .split('\n')
    if (
      out.exitCode !== 0 ||
      !COMMIT.test(wanted) ||
      commit === '' ||
      (commit !== 'absent' && repo === '')
    )
      return explainFailure(out)
    return { wanted, commit: COMMIT.test(commit) ? commit : null, repo, ...readStatus(lines) }
  },
  plan: (now, want) => {
    const { path, repo, force = false, version = 'HEAD' } = want
    if (now.dirty.length > 0 && !force)
      return new Unknown(
        `${path} was changed by hand (${now.dirty.slice(0, 5).join(', ')}): ` +
          'give force: true to throw that away',
      )
    const diff: Diff = [
      ...(now.commit !== null && now.repo !== repo
        ? [{ key: 'repo', before: now.repo, after: repo }]
        : []),
      ...(now.commit === now.wanted
        ? []
        : [
            {
              key: 'commit',
              before: now.commit && shorten(now.commit),
              after: formatCommit(now.wanted, version),
            },
          ]),
      ...(now.dirty.length > 0
        ? [
            {
              key: 'changed by hand',
              before: now.dirty.join('\n'),
              after: null,
              text: true as const,
            },
          ]
        : []),
      ...(now.submodules.length > 0
        ? [
            {
              key: 'submodules',
              before: `missing or at another commit: ${now.submodules.join(', ')}`,
              after: 'as the commit has them',
            },
          ]
        : []),
    ]
    return change(diff, checkOut(want, now.wanted), { seconds: want.timeoutSeconds ?? 600 })
  },
  probeSeconds: 60,
})

const shorten = (commit: string): string => commit.slice(0, 12)
const formatCommit = (commit: string, version: string): string =>
  COMMIT.test(version) ? shorten(commit) : `${shorten(commit)} (${version})`

/**
 * Runs git as the owner, without questions: an unknown host key or a password prompt is a failure.
 */
const runAsOwner = ({ owner }: Git, fragment: Sh): Sh =>
  surround(
    {
      ...(owner === undefined ? {} : { user: owner }),
      environment: {
        GIT_TERMINAL_PROMPT: '0',
        GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o StrictHostKeyChecking=yes',
      },
    },
    fragment,
  )

/**
 * Leaves the wanted commit in `$wanted`. A branch takes precedence over a tag of the same name, as
 * in git.
 */
const resolveCommit = ({ repo, version = 'HEAD' }: Git): Sh => {
  if (COMMIT.test(version)) return sh`wanted=${version}`
  const names = [
    version,
    `refs/heads/${version}`,
    `refs/tags/${version}`,
    `refs/tags/${version}^{}`,
  ]
  return sh`all=$(timeout 50 git ls-remote --quiet ${repo} ${names}) ||
  { echo ${`${repo} cannot be asked`} >&2; exit 5; }
wanted=$(echo "$all" | V=${version} awk '
$2 "" == ENVIRON["V"] || $2 == "refs/heads/" ENVIRON["V"] {branch = $1}
$2 == "refs/tags/" ENVIRON["V"] {tag = $1}
$2 == "refs/tags/" ENVIRON["V"] "^{}" {commit = $1}
END {print branch != "" ? branch : (commit != "" ? commit : tag)}')
[ -n "$wanted" ] || { echo ${`${repo} has no branch or tag ${version}`} >&2; exit 6; }`
}

/**
 * A new working tree is made beside its path and renamed, so that a killed run leaves no half of
 * it.
 */
const checkOut = (want: Git, commit: string): Sh => {
  const { path, repo, owner, version = 'HEAD', depth } = want
  const shallow = depth === undefined ? [] : ['--depth', depth]
  const ref = COMMIT.test(version) ? commit : version
  const fetch = sh`git remote set-url origin ${repo} 2>/dev/null ||
  git remote add origin ${repo} || exit 1
git cat-file -e ${`${commit}^{commit}`} 2>/dev/null ||
  git fetch --quiet --tags --force ${shallow} origin ${ref} || exit 1
git -c advice.detachedHead=false checkout --quiet --force --detach ${commit} || exit 1
[ ! -e .gitmodules ] || {
  git submodule --quiet sync --recursive &&
    git submodule --quiet update --init --recursive --force || exit 1
}`
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  const name = path.slice(folder.length).replace('/', '').slice(0, 60)
  const [fresh, above] = [`.${name}.brd`, folder === '/' ? '' : folder]
  return sh`if [ -e ${`${path}/.git`} ]; then ${runAsOwner(
    want,
    sh`cd ${path} || exit 1
${fetch}`,
  )} || exit 1; exit; fi
${enterFolderOf(path, '755')}
[ ! -e ${`./${fresh}`} ] || ${runAsOwner(want, sh`rm -rf ${`${above}/${fresh}`} 2>/dev/null`)}
[ ! -e ${`./${fresh}`} ] || rm -rf ${`./${fresh}`}
mkdir -m 755 ${fresh} || exit 1
( step ${fresh}; chown ${`${owner ?? 'root'}:`} . ) || exit 1
${runAsOwner(
  want,
  sh`cd ${`${above}/${fresh}`} && git init --quiet || exit 1
${fetch}`,
)} || exit 1
[ ! -d "./$name" ] || rmdir "./$name" || exit 1
mv -T ${`./${fresh}`} "./$name"`
}
