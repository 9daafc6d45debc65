/**
 * Lets `npx zx playbooks/x.ts` run TypeScript on every supported Node, from any folder of the
 * project.
 * npm sets NODE_OPTIONS=--import=brokard-infra/preload (see .npmrc) for npx and npm scripts.
 */
// Children must not inherit our own --import: in another folder it would not resolve and would
// break them.
const options = (process.env.NODE_OPTIONS ?? '')
  .split(/\s+/)
  .filter(o => o && o !== '--import=brokard-infra/preload')
if (options.length > 0) process.env.NODE_OPTIONS = options.join(' ')
else delete process.env.NODE_OPTIONS

// Node 22.18+ strips types by itself; Node 20 needs tsx. It is absent only while `npm install`
// itself runs.
if (!process.features.typescript) {
  try {
    const { register } = await import('tsx/esm/api')
    register()
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
  }
}
