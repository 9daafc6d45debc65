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
import { firstManager, LAB_ROOT } from '../cluster.ts'
import { tools } from '../raise/cluster.ts'
import { TOOLS, type Tool, toolSecret, toolSecrets } from '../raise/secrets.ts'

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
  const chosen = words.map(toolOf)
  for (const tool of chosen) real(run, cluster, tool)
  for (const tool of chosen) if (!(await rotateTool(run, cluster, tool))) return
  if (!run.lab && !run.flags.check) run.note('commit the store: secrets/brd.age')
}

const rotateTool = async (run: Run, cluster: Cluster, tool: Tool): Promise<boolean> => {
  const name = toolSecret(cluster.name, tool)
  const play = (role: string, list: readonly Operation[]) => played(run, cluster, tool, role, list)
  if ((await run.find(`${name}.previous`)) === null) {
    const { [tool]: before } = await toolSecrets(run, cluster)
    await run.edit(beginRotation(name))
    const next = await run.find(`${name}.next`)
    if (
      next &&
      !(await play('rotation', [
        api[tool].password({ ...login(run, cluster, tool, next), before: before.now }),
      ]))
    )
      return false
    await run.edit(turnRotation([name]))
  }
  const secrets = await toolSecrets(run, cluster)
  if (!(await play(tool, tools(run, cluster, firstManager(cluster), secrets, [tool])[tool])))
    return false
  if (!(await play('rotation', refused(run, cluster, tool, secrets[tool])))) return false
  await run.edit(finishRotation(name, false))
  return true
}

const played = async (
  run: Run,
  cluster: Cluster,
  tool: Tool,
  role: string,
  list: readonly Operation[],
): Promise<boolean> =>
  (await run.play([firstManager(cluster)], () => ({ [role]: list }), `${tool} of ${cluster.title}`))
    .failed.length === 0

const login = (run: Run, cluster: Cluster, tool: Tool, password: Generations['now']) => ({
  host: `${tool}.${cluster.vars.domain}`,
  password,
  mark: run.hmac(`rotation ${tool} ${cluster.name}`, password),
  ...(run.lab ? { ca: LAB_ROOT as `/${string}` } : {}),
})

const refused = (
  run: Run,
  cluster: Cluster,
  tool: Tool,
  { previous }: Generations,
): readonly Operation[] =>
  previous ? [api[tool].refuses(login(run, cluster, tool, previous))] : []

const toolOf = (word: string): Tool => {
  const found = TOOLS.find(tool => tool === word)
  if (found) return found
  throw new InputError({
    place: `--secret ${word}`,
    message: `no tool has such a secret${formatSuggestion(word, TOOLS)}`,
    next: `There are: ${TOOLS.join(', ')}.`,
  })
}

/** A stand-in of the lab has no password. */
const real = ({ lab }: Run, { vars }: Cluster, tool: Tool): void => {
  const found = lab?.images.find(({ ref }) => ref === vars.images[tool])
  if (found?.standIn)
    throw new InputError({
      place: `--secret ${tool}`,
      message: `${found.ref} is a stand-in in this lab: it has no password to change`,
    })
}
