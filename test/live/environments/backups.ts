import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { labPath } from '../../../lib/inventory/lab-home.ts'
import { requireLab } from '../../../lib/inventory/lab-state.ts'
import { loadProject } from '../../../lib/inventory/load-project.ts'
import { findProject } from '../../../lib/inventory/project.ts'
import { type S3Request, signRequest } from '../../../lib/operations/s3/signed.ts'
import { openStore } from '../../../lib/secrets/store.ts'
import type { BackupList } from '../../../playbooks/backup/list.ts'
import type { ShownJob } from '../../../playbooks/backup/status.ts'
import { getFromLab } from '../../../scripts/lab/reach.ts'
import { manageBackups, manageEnvironment } from '../../support/environment.ts'
import { waitUntil } from '../../support/run-playbook.ts'

/** Asks the bucket of an environment's backups with a pair of its keys. */
const askBackups = async (env: string, pair: string, request: S3Request) => {
  const { endpoint = '' } = (await requireLab()).s3?.environments[env] ?? {}
  const entry = (await loadProject(findProject(import.meta.dirname))).environments.get(env)
  const secrets = await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })
  const place = {
    endpoint,
    bucket: entry?.vars.backups.bucket.name ?? '',
    region: 'us-east-1',
    accessKey: secrets.get(`${env}/${pair}-access-key`),
    secretKey: secrets.get(`${env}/${pair}-secret-key`),
  }
  const { url, headers } = signRequest(place, request, new Date())
  return getFromLab(url, {
    method: request.method,
    headers: Object.fromEntries(headers.map(header => header.split(': ') as [string, string])),
  })
}

/** Lists the backups below a folder, with the verifier's keys. */
const listBackups = async (env: string, prefix: string): Promise<string[]> => {
  const query = [
    ['list-type', '2'],
    ['prefix', prefix],
  ] as const
  const { status, body } = await askBackups(env, 'backup-read', { method: 'GET', query })
  assert.is(status, 200, body)
  return [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key)
}

/** That the backups of a deployed environment run, and that each pair of keys has its rights. */
export const backups = (test: Test, env: string, cluster: string): void => {
  const database = `${env}/${cluster}-1/`
  const run = async (service: string, ...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await manageEnvironment(env, ['exec', service, '--', ...words])
    assert.is(code, 0, `${stdout}\n${stderr}`)
    return stdout
  }

  test('a full backup of the database has its manifest and its binary logs', async () => {
    const name = /"result":"done".*"text":"(stream_\w+)"/.exec(
      await run('walg', 'brd-backup', 'full'),
    )?.[1]
    const found = await listBackups(env, database)
    for (const object of [
      `mariadb/basebackups_005/${name}/stream.zst`,
      `mariadb/basebackups_005/${name}_backup_stop_sentinel.json`,
      `manifests/${name}.json.enc`,
      `manifests/${name}.json.sig`,
    ])
      assert.ok(found.includes(`${database}${object}`), `${object} is not in ${found.join(' ')}`)
    assert.ok(found.some(key => /\/mariadb\/binlog_005\/mariadb-bin\.\d+\.zst$/.test(key)))
  })

  test('a snapshot has the files and Redis', async () => {
    assert.match(await run('restic', 'brd-files', 'backup'), /"result":"done"/)
    const tags = JSON.parse(await run('restic', 'restic', 'snapshots', '--json')).flatMap(
      ({ tags, hostname }: { tags: string[]; hostname: string }) => (hostname === env ? tags : []),
    )
    assert.equal([...new Set(tags)].sort(), ['files', 'files-list', 'redis'])
  })

  test('the schedule runs inside the environment: the canary was written by it', () =>
    waitUntil(
      'a row of the canary is there',
      async () => {
        const { stdout } = await manageEnvironment(env, ['db-shell'], {
          input: 'SELECT CONCAT("rows ", COUNT(*)) FROM brd_backup.canary;\n',
        })
        return /rows [1-9]/.test(stdout)
      },
      300,
    ))

  test("the application's keys read and delete none of it; what writes deletes none", async () => {
    const [object = ''] = await listBackups(env, `${database}manifests/`)
    assert.ok(object)
    const ask = async (pair: string, method: S3Request['method']) =>
      (await askBackups(env, pair, { method, object })).status
    const list = async (pair: string) =>
      (await askBackups(env, pair, { method: 'GET', query: [['list-type', '2']] })).status
    assert.equal(
      {
        application: [await list('s3'), await ask('s3', 'GET'), await ask('s3', 'DELETE')],
        write: [await ask('backup-write', 'GET'), await ask('backup-write', 'DELETE')],
        read: [await ask('backup-read', 'GET'), await ask('backup-read', 'DELETE')],
      },
      { application: [403, 403, 403], write: [200, 403], read: [200, 403] },
    )
    assert.ok((await listBackups(env, `${database}manifests/`)).includes(object))
  })

  test('the pruning jobs run with keys of their own', async () => {
    assert.match(await run('walg-prune', 'brd-backup', 'prune'), /"result":"done"/)
    assert.match(await run('restic-prune', 'brd-files', 'prune'), /"result":"done"/)
  })

  test('one command backs up both, and the list has the manifest and binary logs', async () => {
    const list = async () => {
      const { code, stdout, stderr } = await manageBackups(env, ['list', '--json'])
      assert.is(code, 0, stderr)
      return JSON.parse(stdout) as BackupList
    }
    const before = await list()
    const taken = await manageBackups(env, ['now'])
    assert.is(taken.code, 0, `${taken.stdout}\n${taken.stderr}`)
    const after = await list()
    assert.is(after.fullBackups?.length, (before.fullBackups?.length ?? 0) + 1)
    const last = after.fullBackups?.at(-1)
    assert.equal([last?.hasManifest, last?.binlogs?.missing], [true, null])
    // The files, their list, and Redis.
    assert.ok((after.snapshots?.length ?? 0) >= (before.snapshots?.length ?? 0) + 3)
  })

  test('status says how each job fared', async () => {
    const { stdout, stderr } = await manageBackups(env, ['status', '--json'])
    const { jobs } = JSON.parse(stdout) as { readonly jobs: readonly ShownJob[] }
    const states = new Map(jobs.map(({ job, is }) => [job, is]))
    for (const job of ['full', 'files', 'prune of the database', 'prune of the files'])
      assert.is(states.get(job), 'ok', `${job}: ${stdout}\n${stderr}`)
    // How old its newest row is depends on this machine's load.
    assert.is(jobs.find(({ job }) => job === 'canary')?.text, 'its newest row')
  })
}
