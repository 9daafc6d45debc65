import { join } from 'node:path'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { disk } from '../../../lib/operations/disk.ts'
import { openStore } from '../../../lib/secrets/store.ts'
import { deployEnvironment, describeFailures, findOperations } from '../../support/environment.ts'
import { assertAllAnswered, withLoad } from '../../support/load.ts'
import { startReadOnlyBucket } from '../../support/read-only-bucket.ts'
import { makeLabHome, readLab } from '../../support/run-playbook.ts'
import { type Ground, site } from './ground.ts'

/** That bad input is named, with the way out, and changes nothing. */
export const refusals = (test: Test, ground: Ground): void => {
  const refused = refusing(ground)

  test('an unknown environment', () =>
    refused(/--env stagee: no such environment; did you mean "stage"\?/, 'stagee', [], { code: 1 }))

  test('two environments with one host name: an error with its place, before any connection', () =>
    refused(
      new RegExp(
        String.raw`two\.yaml:\d+:\d+: environments\.feature\.hosts\[0\]: ` +
          String.raw`stage\.brd\.example belongs to stage already`,
      ),
      'feature',
      [
        '--inventory',
        ground.inventory('two', 'hosts: [feature.brd.example]', 'hosts: [stage.brd.example]'),
      ],
      { code: 1 },
    ))

  test('a bucket that is not there', () =>
    refused(
      new RegExp(
        String.raw`there is no bucket brd-stage-assetz at http:\S+: ` +
          String.raw`create it, or correct its name in hosts\.yaml`,
      ),
      'stage',
      [
        '--inventory',
        ground.inventory('bucket', 'name: brd-stage-assets', 'name: brd-stage-assetz'),
      ],
    ))

  test('keys that the bucket refuses', async () => {
    const home = makeLabHome({})
    try {
      const store = await openStore({
        path: join(home.path, 'secrets.age'),
        key: join(home.path, 'age.key'),
      })
      await store.set('old-prod/s3-secret-key', 'not-the-right-one')
      const message = new RegExp(
        'refuses old-prod/s3-access-key and old-prod/s3-secret-key for the bucket ' +
          String.raw`brd-old-prod-assets \(403 SignatureDoesNotMatch\): ` +
          String.raw`set the right ones with scripts/secrets\.ts set`,
      )
      await refused(message, 'old-prod', [], { home: home.path })
    } finally {
      home.remove()
    }
  })

  test('a bucket that can be read and not be written', async () => {
    const bucket = await startReadOnlyBucket('stage')
    const others = readLab().s3?.environments
    const home = makeLabHome({
      s3: {
        environments: { ...others, stage: { endpoint: bucket.endpoint, bucket: bucket.name } },
      },
    })
    try {
      await refused(
        /s3\.usable brd-stage-assets[\s\S]*PUT was answered with [45]\d\d/,
        'stage',
        [],
        { home: home.path },
      )
    } finally {
      home.remove()
      await bucket.remove()
    }
  })

  test('a disk without room', async () => {
    await refused(
      /the disk of \/var\/lib\/docker has .* left of .*, and 900000G are required/,
      'old-prod',
      ['-e', '{"app":{"free":"900000G"}}'],
    )
    const small = '/run/brd-test-disk'
    const ask = (least: '1M' | '3M') =>
      ground.manager.converge([disk.free({ path: `${small}/not/yet`, minFree: least })])
    ground.manager.root(`mkdir ${small} && mount -t tmpfs -o size=4m tmpfs ${small}`)
    try {
      assert.is((await ask('3M')).result, 'ok')
      ground.manager.root(`dd if=/dev/zero of=${small}/filling bs=1M count=2 2>/dev/null`)
      assert.is((await ask('1M')).result, 'ok')
      assert.match(
        JSON.stringify((await ask('3M')).error),
        /has 2M left of 4M, and 3M are required/,
      )
    } finally {
      ground.manager.root(`umount ${small} && rmdir ${small}`)
    }
  })

  test('an image that cannot be pulled: the old one serves, the new leaves nothing', async () => {
    const load = await withLoad(Array(3).fill(`https://${site('stage')}/livez`), () =>
      refused(/stage_nginx: .*nginx:9\.99/, 'stage', [
        '-e',
        '{"app":{"images":{"nginx":"nginx:9.99"}}}',
      ]),
    )
    assert.is(load.result, undefined)
    assertAllAnswered(load, ground.manager)
  })
}

/** All that an environment is made of on the cluster, and nothing that moves by itself. */
const everything = (ground: Ground): string =>
  ground.manager.root(`docker service ls --quiet |
  xargs docker service inspect --format '{{.ID}} {{json .Spec}}' | sort
docker config ls --format '{{.ID}} {{.Name}}' | sort
docker secret ls --format '{{.ID}} {{.Name}}' | sort
docker network ls --filter scope=swarm --format '{{.ID}} {{.Name}}' | sort`) +
  ground.hosts
    .map(({ root }) => root('docker volume ls --quiet | sort; ls -R /var/lib/brd /etc/brd | sort'))
    .join('\n')

/** A deploy that is refused, and changes nothing. */
const refusing =
  (ground: Ground) =>
  async (
    message: RegExp,
    env: string,
    flags: readonly string[],
    { code = 2, home }: { code?: number; home?: string } = {},
  ) => {
    const before = everything(ground)
    const run = await deployEnvironment(env, flags, home === undefined ? {} : { home })
    const said = describeFailures(run)
    assert.is(run.code, code, said)
    assert.match(said, message)
    assert.equal(findOperations(run, 'changed'), [])
    assert.is(everything(ground), before)
  }
