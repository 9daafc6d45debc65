import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { converge } from '../../lib/converge/converge.ts'
import type { Operation } from '../../lib/operation.ts'
import { sandboxOperation, writePrograms } from './sandbox.ts'
import { openShell, type SHELLS } from './shells.ts'

/** How a run of one operation ended, on a machine that is a folder of its own. */
type Run = (op: Operation) => Promise<string>

/**
 * Runs operations one after another in a shell, on a machine whose /var/lib/brd is a folder that
 * goes afterwards.
 */
export const withSandbox = async (
  name: (typeof SHELLS)[number],
  work: (run: Run) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'brd-tool-'))
  // busybox has no curl of its own.
  writePrograms(folder, { curl: '#!/bin/sh\nPATH=/usr/local/bin:/usr/bin:/bin exec curl "$@"\n' })
  const { shell } = openShell(name)
  try {
    await work(
      async op =>
        (await converge([sandboxOperation(op, folder)], { host: 'here', shell: async () => shell }))
          .result,
    )
  } finally {
    await shell.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
