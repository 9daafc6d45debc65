#!/usr/bin/env -S npx zx
/** Why a variable has its value: `npx zx scripts/why.ts infra-stage.timezone`. */
import { parseArgs } from 'node:util'
import { readArguments } from '../lib/cli/argv.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findProject } from '../lib/inventory/project.ts'
import { explainVariable, formatReason } from '../lib/inventory/why.ts'

const help = `npx zx scripts/why.ts HOST.VARIABLE …    (or ENVIRONMENT.VARIABLE, CLUSTER.VARIABLE)
  -i, --inventory FILE   default: hosts.yaml
  -e, --extra-vars VARS  name=value, @file.yaml or JSON
      --lab              as the lab sees it
Precedence, the weakest first: default < all < cluster < server < environment < -e < lab`

const options = {
  inventory: { type: 'string', short: 'i' },
  'extra-vars': { type: 'string', short: 'e', multiple: true },
  lab: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const notUp = (cause: Error) => {
  throw new InputError({ place: '--lab', message: cause.message }, { cause })
}

const answer = async (args: string[]) => {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  if (values.help || positionals.length === 0) return help
  const project = findProject(process.cwd(), values.inventory)
  const lab = values.lab ? await requireLab().catch(notUp) : null
  const inventory = await loadProject(project, { lab, extra: values['extra-vars'] })
  return positionals.map(question => formatReason(explainVariable(inventory, question))).join('\n')
}

try {
  process.stdout.write(`${await answer(readArguments(import.meta))}\n`)
} catch (error) {
  if (!(error instanceof InputError) && !(error instanceof Error && 'code' in error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
