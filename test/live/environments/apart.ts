import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { requireLab } from '../../../lib/inventory/lab-state.ts'
import { type Container, findReachable, resolveNames } from '../../support/isolation.ts'
import { type Ground, type Name, names, stacksOf } from './ground.ts'

/** That the environments do not see each other, nor the tools. */
export const apart = (test: Test, ground: Ground): void => {
  test('from no environment is a container of another, or of a tool, reached', () => {
    const all = ground.containers()
    const questions = names.flatMap(name => {
      const { mine, others, from } = sides(all, name)
      for (const { service, addresses } of mine)
        assert.equal(
          [...addresses.keys()].filter(
            network => !['docker_gwbridge', `env-${name}`, `edge-${name}`].includes(network),
          ),
          [],
          service,
        )
      const mariadb = mine.flatMap(({ service, addresses }) =>
        service.endsWith('_mariadb') ? [addresses.get(`env-${name}`) ?? ''] : [],
      )
      // Traefik's door to this environment is there to be knocked at.
      const doors = others.flatMap(({ stack, addresses }) =>
        [...addresses]
          .filter(([network]) => stack !== 'traefik' || network !== `edge-${name}`)
          .map(([, address]) => address),
      )
      const allowed = [...mine.map(of => of.name), ...doorsOf(others, name)]
      return from.map(container => ({ from: container, about: [...mariadb, ...doors], allowed }))
    })
    assert.is(questions.length, 2 * names.length)
    const found = findReachable(questions, all)
    for (const { from, allowed, about } of questions) {
      assert.ok(about.length > 40, `${about.length} addresses are few`)
      // Two hosts may have the same address on their bridges to the world, and two clusters on
      // their networks: who is there tells its name.
      const told = new Set(found.get(from)?.map(line => line.split(' ')[1]))
      assert.equal(
        [...told].filter(name => !allowed.includes(name ?? '')),
        [],
        `from ${from.service}`,
      )
      assert.ok(
        [...told].some(name => name?.includes('_mariadb.')),
        `${from.service} reaches its own database`,
      )
    }
  })

  test("an environment resolves its own names, and none of another's or of the tools'", () => {
    const all = ground.containers()
    const short = [...new Set(all.map(({ service }) => service.split('_')[1] ?? ''))].filter(
      name => name !== 'traefik',
    )
    const questions = names.flatMap(name => {
      const { others, from, mine } = sides(all, name)
      const full = others
        .filter(({ stack }) => stack !== 'traefik')
        .flatMap(of => [of.service, `tasks.${of.service}`, of.name])
      return from.map(container => ({
        from: container,
        about: [...new Set([...full, ...short])],
        mine,
      }))
    })
    const found = resolveNames(questions)
    for (const { from, mine } of questions) {
      const known = found.get(from) ?? []
      for (const own of ['mariadb', 'php', 'nginx'])
        assert.ok(
          known.some(line => line.startsWith(`${own} `)),
          `${from.service}: ${own}`,
        )
      const addresses = mine.flatMap(of => [...of.addresses.values()])
      for (const line of known)
        assert.ok(
          line
            .split(' ')
            .slice(1)
            .every(address => addresses.includes(address)),
          `${from.service}: ${line}`,
        )
    }
  })

  test('each mounts secrets of its own alone, and no value is in two', () => {
    const mounted = ground.managers
      .map(({ root }) =>
        root(
          `docker service ls --quiet | xargs docker service inspect --format '{{.Spec.Name}}{{range .Spec.TaskTemplate.ContainerSpec.Secrets}} {{.SecretName}}{{end}}'`,
        ),
      )
      .join('')
    for (const [service = '', ...secrets] of mounted
      .trim()
      .split('\n')
      .map(line => line.split(' ')))
      for (const secret of secrets)
        assert.is(secret.split('_')[0], service.split('_')[0], `${service} mounts ${secret}`)
    const all = ground.containers()
    const values = names.flatMap(name => {
      const { host, id } = php(all, name)
      return host
        .root(`docker exec ${id} sh -c 'for file in /run/secrets/*; do cat $file; echo; done'`)
        .split('\n')
        .filter(Boolean)
    })
    assert.equal([values.length, new Set(values).size], [4 * names.length, 4 * names.length])
  })

  test("another's bucket refuses the keys", async () => {
    const all = ground.containers()
    const { s3 } = await requireLab()
    for (const [i, name] of names.entries()) {
      const { host, id } = php(all, name)
      const ask = (of: Name) => {
        const { endpoint, bucket } = s3?.environments[of] ?? {}
        const env = `--env S3_ENDPOINT=${endpoint} --env S3_BUCKET=${bucket}`
        return `docker exec ${env} ${id} entrypoint php -r '${asking}'`
      }
      const [own, other] = host
        .root(`${ask(name)}\n${ask(names[(i + 1) % names.length] as Name)}`)
        .split('\n')
      assert.is(own, 'open', name)
      assert.match(other ?? '', /status 403 InvalidAccessKeyId/, name)
    }
  })
}

const asking = `require "/app/src/load.php";
try { bucket()->check(); echo "open\n"; }
catch (RuntimeException $error) { echo $error->getMessage(), "\n"; }`

const php = (all: readonly Container[], name: Name): Container =>
  all.find(({ service }) => service === `${name}_php`) as Container

/**
 * Traefik of the environment's own cluster, by its name: the one that has its door to it. Another
 * cluster's may have the same address there.
 */
const doorsOf = (others: readonly Container[], name: Name): string[] =>
  others.flatMap(of =>
    of.stack === 'traefik' && of.addresses.has(`edge-${name}`) ? [of.name] : [],
  )

/**
 * What is of an environment, what is of others and of the tools, and the two of its containers that
 * see all of its networks between them.
 */
const sides = (all: readonly Container[], name: Name) => {
  const own = stacksOf(name)
  const mine = all.filter(({ stack }) => own.includes(stack))
  return {
    mine,
    others: all.filter(({ stack }) => !own.includes(stack)),
    from: mine.filter(({ service }) => /_(nginx|php)$/.test(service)),
  }
}
