import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { describeBackupPlaces } from '../../../roles/environment/backup-places.ts'

const bucket = { name: 'shop-backups', endpoint: 'https://s3.example', region: 'eu-central-1' }
const origin = { environment: 'stage', cluster: 'old', generation: 1, bucket, walgKey: 1 }

test('the backups of an environment have a folder for their cluster and generation', () => {
  assert.equal(describeBackupPlaces(origin), {
    bucket,
    databaseFolder: 'stage/old-1/mariadb/',
    manifestsFolder: 'stage/old-1/manifests/',
    filesFolder: 'stage/files/',
    walgPrefix: 's3://shop-backups/stage/old-1/mariadb',
    manifestsUrl: 'https://s3.example/shop-backups/stage/old-1/manifests',
    resticRepository: 's3:https://s3.example/shop-backups/stage/files',
  })
})

test('a restored server, another cluster and another key write to folders of their own', () => {
  const folders = [
    origin,
    { ...origin, generation: 2 },
    { ...origin, cluster: 'new' },
    { ...origin, walgKey: 2 },
    { ...origin, environment: 'feature' },
  ].map(one => describeBackupPlaces(one).databaseFolder)
  assert.equal(folders, [
    'stage/old-1/mariadb/',
    'stage/old-2/mariadb/',
    'stage/new-1/mariadb/',
    'stage/old-1/mariadb-2/',
    'feature/old-1/mariadb/',
  ])
})

test('the manifests stay in one folder when the key of wal-g changes', () => {
  const folder = (walgKey: number) => describeBackupPlaces({ ...origin, walgKey }).manifestsFolder
  assert.is(folder(2), folder(1))
})

test('a slash at the end of the address is not doubled', () => {
  const places = describeBackupPlaces({
    ...origin,
    bucket: { ...bucket, endpoint: 'https://s3.example/' },
  })
  assert.is(places.resticRepository, 's3:https://s3.example/shop-backups/stage/files')
})

test.run()
