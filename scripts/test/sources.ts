import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sources } from './imports.ts'

const folders = ['lib', 'roles', 'playbooks', 'scripts', 'test']

/** The project's own modules, by their paths from its root. */
export const readSources = (root: string): Sources =>
  new Map(
    folders.flatMap(folder =>
      listFiles(join(root, folder)).flatMap(name =>
        /\.(?:ts|mjs)$/.test(name) && !name.includes('node_modules/')
          ? [readSource(root, `${folder}/${name}`)]
          : [],
      ),
    ),
  )

const listFiles = (folder: string): string[] => {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const readSource = (root: string, path: string): [string, string] => [
  path,
  readFileSync(join(root, path), 'utf8'),
]
