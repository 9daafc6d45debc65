import { randomBytes } from 'node:crypto'
import { labPath } from '../../lib/inventory/lab-home.ts'
import { openStore } from '../../lib/secrets/store.ts'
import { findEngine } from '../../scripts/lab/engine.ts'
import { label, nameContainer, network } from '../../scripts/lab/network.ts'
import { getFromLab } from '../../scripts/lab/reach.ts'
import { skip } from '../../scripts/test/skip.ts'
import { readLab, waitUntil } from './run-playbook.ts'

type Bucket = {
  readonly endpoint: string
  readonly name: string
  readonly remove: () => Promise<void>
}

/**
 * An S3 server of the lab's own kind that knows an environment's keys and has its bucket, and takes
 * nothing.
 */
export const startReadOnlyBucket = async (environment: string): Promise<Bucket> => {
  const bucket =
    readLab().s3?.environments[environment]?.bucket ??
    skip(`the lab has no bucket of ${environment}`)
  const store = await openStore({ path: labPath('secrets.age'), key: labPath('age.key') })
  const keys = ['access', 'secret']
    .map(of => store.get(`${environment}/s3-${of}-key`).reveal())
    .join(',')
  const docker = await findEngine()
  const image = (await docker(['inspect', '--format', '{{.Image}}', nameContainer('s3')])).trim()
  const name = `brd-try-${randomBytes(4).toString('hex')}`
  const serve = `mkdir -p /data/${bucket} && exec rclone serve s3 --read-only --addr :9000 /data`
  const remove = async () => void (await docker(['rm', '--force', name]))
  await docker([
    ...['run', '--detach', '--name', name, '--label', label, '--network', network.name],
    ...['--env', `RCLONE_AUTH_KEY="${keys}"`, '--entrypoint', 'sh', image, '-c', serve],
  ])
  const address = await docker([
    'inspect',
    '--format',
    `{{(index .NetworkSettings.Networks "${network.name}").IPAddress}}`,
    name,
  ])
  const endpoint = `http://${address.trim()}:9000`
  const answers = () =>
    getFromLab(`${endpoint}/${bucket}`, { timeout: 2_000 }).then(
      ({ status }) => status === 403 || status === 400,
      () => false,
    )
  await waitUntil('the read-only bucket answers', answers, 30).catch(async error => {
    await remove()
    throw error
  })
  return { endpoint, name: bucket, remove }
}
