#!/usr/bin/env -S npx zx
/** Explains the value of a variable: `npx zx scripts/why.ts infra-stage.timezone`. */
import { FLAGS } from '../lib/cli/flags.ts'
import { runScript, type ScriptDefinition } from '../lib/cli/script.ts'
import { InputError } from '../lib/errors/input-error.ts'
import { requireLab } from '../lib/inventory/lab-state.ts'
import { loadProject } from '../lib/inventory/load-project.ts'
import { findProject } from '../lib/inventory/project.ts'
import { explainVariable, formatReason } from '../lib/inventory/why.ts'
import { print } from '../lib/report/print.ts'

const flags = {
  inventory: FLAGS.inventory,
  'extra-vars': FLAGS['extra-vars'],
  lab: { type: 'boolean', help: 'with the values of the lab' },
} as const

const script: ScriptDefinition<typeof flags> = {
  usage: ['scripts/why.ts HOST.VARIABLE …'],
  about: 'Shows the value of a variable, and every place that sets it, the strongest first.',
  flags,
  notes: [
    'ENVIRONMENT.VARIABLE and CLUSTER.VARIABLE work too.',
    'Precedence, from weakest to strongest:',
    '  default < all < cluster < server < environment < -e < lab',
  ],
  needsWords: true,
}

await runScript(import.meta, script, async ({ flags, words }) => {
  const project = findProject(process.cwd(), flags.inventory)
  const lab = flags.lab ? await requireLab().catch(refuseLab) : null
  const inventory = await loadProject(project, { lab, extra: flags['extra-vars'] })
  print(words.map(question => formatReason(explainVariable(inventory, question))).join('\n'))
})

function refuseLab(cause: Error): never {
  throw new InputError({ place: '--lab', message: cause.message }, { cause })
}
