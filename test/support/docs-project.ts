import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const copied = ['tsconfig.json', 'lib/operation.ts', 'lib/sh.ts', 'lib/secret.ts']

/** Makes a project with these files and copies of some of this one, for as long as `use` runs. */
export const inDocsProject = async (
  files: Readonly<Record<string, string>>,
  use: (root: string) => void | Promise<void>,
  copies: readonly string[] = copied,
): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'docs-test-'))
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  try {
    for (const path of copies) cpSync(path, join(root, path), { recursive: true })
    symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'))
    mkdirSync(join(root, 'docs'))
    mkdirSync(join(root, 'lib/operations'), { recursive: true })
    for (const [path, text] of Object.entries(files)) put(path, text)
    await use(root)
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** Runs scripts/docs.ts on a project. `page` is the page that is there afterwards, or null. */
export const runDocs = (root: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['scripts/start.mjs', 'scripts/docs.ts', '--root', root, ...args],
    { encoding: 'utf8', timeout: 60_000 },
  )
  return {
    code: status,
    said: stdout + stderr,
    page: readPage(root, 'operations'),
    settings: readPage(root, 'settings'),
  }
}
const readPage = (root: string, name: string): string | null => {
  const path = join(root, `docs/${name}.md`)
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
