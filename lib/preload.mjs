/**
 * Lets `npx zx playbooks/x.ts` run TypeScript on every supported Node, from any folder of the
 * project. npm sets NODE_OPTIONS=--import=brokard-infra/preload (see .npmrc) for npx and scripts.
 */
import { basename } from 'node:path'

const own = '--import=brokard-infra/preload'

// Children must not inherit our own --import: in another folder it does not resolve and breaks
// them.
if (process.env.NODE_OPTIONS?.includes(own)) {
  const others = process.env.NODE_OPTIONS.split(/\s+/).filter(option => option && option !== own)
  if (others.length > 0) process.env.NODE_OPTIONS = others.join(' ')
  else delete process.env.NODE_OPTIONS
}

const program = basename(process.argv[1] ?? '')

const prepare = async () => {
  if (program === 'zx' || program === 'cli.js') {
    const { runCompiled } = await import('./startup/run-compiled.mjs')
    if (await runCompiled()) return
  }
  // Node 22.18 and later strip types themselves; Node 20 needs tsx.
  if (process.features.typescript) return
  try {
    const { register } = await import('tsx/esm/api')
    register()
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error // absent while `npm install` runs
  }
}

// npm and npx need none of this.
if (!/^np[mx](-cli\.js)?$/.test(program)) await prepare()
