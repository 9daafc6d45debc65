import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A program named docker that does what its script says and keeps each call as a line, `$LOG` being
 * the file.
 */
export type DockerShim = {
  /** Its folder, for a PATH. */
  readonly folder: string
  readonly program: string
  /** How it was called, a line each. */
  readonly calls: () => string[]
  readonly remove: () => void
}

/** A docker for tests. `script` is the rest of a shell script; `$1` and on are its words. */
export const makeDockerShim = (script: string): DockerShim => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-docker-'))
  const [program, log] = [join(folder, 'docker'), join(folder, 'log')]
  writeFileSync(program, `#!/bin/sh\nLOG=${log}; HERE=${folder}\necho "$*" >>"$LOG"\n${script}\n`)
  chmodSync(program, 0o755)
  return {
    folder,
    program,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
