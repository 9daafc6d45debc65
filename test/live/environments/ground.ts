import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { raiseCluster, requireEnvironments } from '../../support/environment.ts'
import { type Container, listContainers } from '../../support/isolation.ts'
import { type LabHost, openLabHost } from '../../support/lab-host.ts'
import { resetHosts } from '../../support/reset-hosts.ts'
import { root } from '../../support/run-playbook.ts'

/** The environments, the server that holds each, and its host name. */
const places = {
  stage: { server: 'old-one', site: 'stage.brd.example' },
  feature: { server: 'old-one', site: 'feature.brd.example' },
  'old-prod': { server: 'old-two', site: 'old-prod.brd.example' },
  'new-prod-env': { server: 'new-prod', site: 'brd.example' },
} as const
export type Name = keyof typeof places
export const names = Object.keys(places) as Name[]
export const site = (name: Name): string => places[name].site
export const stacksOf = (name: Name): string[] => [name, `${name}-data`]

/**
 * The two servers of one cluster, of which the first is the manager, the one of another, and a
 * folder for files.
 */
export class Ground {
  readonly folder = mkdtempSync(join(tmpdir(), 'brdtest-environments-'))
  readonly #hosts = new Map<string, LabHost>()

  /** The clusters run. */
  async raise(): Promise<void> {
    await requireEnvironments()
    await Promise.all([
      raiseCluster('brd-infra-old', 'old-one', 'old-two'),
      raiseCluster('brd-new-prod', 'new-prod'),
    ])
    for (const name of ['old-one', 'old-two', 'new-prod']) this.#hosts.set(name, openLabHost(name))
  }

  /**
   * The hosts of the old cluster are as new; the other is found as it is by the tests that it has
   * alone.
   */
  async end(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true })
    for (const host of this.hosts) await host.end()
    if (this.#hosts.size > 0) await resetHosts('old-one', 'old-two')
  }

  get hosts(): LabHost[] {
    return [...this.#hosts.values()]
  }

  /** Of the old cluster. */
  get manager(): LabHost {
    return this.hostOf('stage')
  }

  /** Of both. */
  get managers(): LabHost[] {
    return [this.manager, this.hostOf('new-prod-env')]
  }

  hostOf(name: Name): LabHost {
    return this.#hosts.get(places[name].server) as LabHost
  }

  containers(): Container[] {
    return listContainers(this.hosts)
  }

  /** hosts.yaml with this changed, as a file. */
  inventory(name: string, from: string, to: string): string {
    const text = readFileSync(join(root, 'hosts.yaml'), 'utf8')
    assert.is.not(text.replace(from, to), text, `hosts.yaml has no ${from}`)
    const path = join(this.folder, `${name}.yaml`)
    writeFileSync(path, text.replace(from, to))
    return path
  }
}
