import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { needEnvironments, raised } from '../../support/environment.ts'
import { fresh } from '../../support/fresh.ts'
import { type Container, containers } from '../../support/isolation.ts'
import { type LabHost, labHost } from '../../support/lab-host.ts'
import { root } from '../../support/run.ts'

/** The environments of the cluster, and the server that holds each. */
export const servers = { stage: 'old-one', feature: 'old-one', 'old-prod': 'old-two' } as const
export type Name = keyof typeof servers
export const names = Object.keys(servers) as Name[]
export const site = (name: Name): string => `${name}.brd.example`
export const stacksOf = (name: Name): string[] => [name, `${name}-data`]

/** The two servers of one cluster, of which the first is the manager, and a folder for files. */
export class Ground {
  readonly folder = mkdtempSync(join(tmpdir(), 'brdtest-environments-'))
  readonly #hosts = new Map<string, LabHost>()

  /** The cluster runs. */
  async raise(): Promise<void> {
    await needEnvironments()
    await raised('brd-infra-old', 'old-one', 'old-two')
    for (const name of ['old-one', 'old-two']) this.#hosts.set(name, labHost(name))
  }

  /** The hosts are as new. */
  async end(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true })
    for (const host of this.hosts) await host.end()
    if (this.#hosts.size > 0) await fresh('old-one', 'old-two')
  }

  get hosts(): LabHost[] {
    return [...this.#hosts.values()]
  }

  get manager(): LabHost {
    return this.hostOf('stage')
  }

  hostOf(name: Name): LabHost {
    return this.#hosts.get(servers[name]) as LabHost
  }

  containers(): Container[] {
    return containers(this.hosts)
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
