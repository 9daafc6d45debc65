/** Rotating the passwords of a cluster's tools. */
import { InputError } from '../../lib/errors/input-error.ts'
import { formatSuggestion } from '../../lib/errors/suggest.ts'
import type { Cluster } from '../../lib/inventory/inventory.ts'
import type { Operation } from '../../lib/operation.ts'
import { grafana } from '../../lib/operations/grafana.ts'
import { portainer } from '../../lib/operations/portainer.ts'
import type { Run } from '../../lib/run/run.ts'
import {
  beginRotation,
  finishRotation,
  type Generations,
  turnRotation,
} from '../../lib/secrets/generations.ts'
import { listTools } from '../bootstrap/cluster.ts'
import { nameToolSecret, readToolSecrets, TOOLS, type Tool } from '../bootstrap/secrets.ts'
import { findFirstManager, LAB_ROOT } from '../cluster.ts'

const api = { grafana, portainer }

/**
 * The password of each tool's `admin` is a new one, and the old one is shown to be good no more.
 * Broken off anywhere, the same command finishes it.
 */
export const rotateTools = async (
  run: Run,
  cluster: Cluster,
  words: readonly string[],
): Promise<void> => {
  const chosen = words.map(findTool)
  run.requireHosts([findFirstManager(cluster)], 'the passwords of the tools are changed there')
  for (const tool of chosen) requireRealTool(run, cluster, tool)
  for (const tool of chosen) if (!(await rotateTool(run, cluster, tool))) return
  if (!run.lab && run.mode === 'apply') run.note('commit the store: secrets/')
}

const rotateTool = async (run: Run, cluster: Cluster, tool: Tool): Promise<boolean> => {
  const name = nameToolSecret(cluster.name, tool)
  const play = (role: string, list: readonly Operation[]) =>
    playTool(run, cluster, tool, role, list)
  if ((await run.find(`${name}.previous`)) === null) {
    const { [tool]: before } = await readToolSecrets(run, cluster)
    await run.edit(beginRotation(name))
    const next = await run.find(`${name}.next`)
    if (
      next &&
      !(await play('rotation', [
        api[tool].password({ ...makeLogin(run, cluster, tool, next), before: before.now }),
      ]))
    )
      return false
    await run.edit(turnRotation([name]))
  }
  const secrets = await readToolSecrets(run, cluster)
  if (
    !(await play(tool, listTools(run, cluster, findFirstManager(cluster), secrets, [tool])[tool]))
  )
    return false
  if (!(await play('rotation', checkRevoked(run, cluster, tool, secrets[tool])))) return false
  await run.edit(finishRotation(name, false))
  return true
}

const playTool = async (
  run: Run,
  cluster: Cluster,
  tool: Tool,
  role: string,
  list: readonly Operation[],
): Promise<boolean> =>
  (
    await run.play(
      [findFirstManager(cluster)],
      () => ({ [role]: list }),
      `${tool} of ${cluster.title}`,
    )
  ).failed.length === 0

const makeLogin = (run: Run, cluster: Cluster, tool: Tool, password: Generations['now']) => ({
  host: `${tool}.${cluster.vars.domain}`,
  password,
  version: run.hmac(`rotation ${tool} ${cluster.name}`, password),
  ...(run.lab ? { ca: LAB_ROOT as `/${string}` } : {}),
})

const checkRevoked = (
  run: Run,
  cluster: Cluster,
  tool: Tool,
  { previous, now }: Generations,
): readonly Operation[] =>
  previous ? [api[tool].refuses({ ...makeLogin(run, cluster, tool, previous), current: now })] : []

const findTool = (word: string): Tool => {
  const found = TOOLS.find(tool => tool === word)
  if (found) return found
  throw new InputError({
    place: `--secret ${word}`,
    message: `no tool has such a secret${formatSuggestion(word, TOOLS)}`,
    next: `There are: ${TOOLS.join(', ')}.`,
  })
}

/** A stand-in of the lab has no password. */
const requireRealTool = ({ lab }: Run, { vars }: Cluster, tool: Tool): void => {
  const found = lab?.images.find(({ ref }) => ref === vars.images[tool])
  if (found?.standIn)
    throw new InputError({
      place: `--secret ${tool}`,
      message: `${found.ref} is a stand-in in this lab: it has no password to change`,
    })
}
