import {
  findCycles,
  type Import,
  mapDependencies,
  mapLoads,
  parseImports,
  resolveImport,
  type Sources,
} from './imports.ts'

/** Packages and built-in modules that reach outside the process: what loads one is not pure. */
const outside =
  /^(?:node:)?(?:child_process|net|tls|http2?|https|dgram|dns|readline|worker_threads|cluster)(?:\/|$)|^(?:zx|ssh2|node-ssh|listr2|dotenv|@clack\/prompts)(?:\/|$)/

/**
 * True of an import that reaches outside the process. Telling an address from a name, or which
 * network it is in, does not.
 */
const isImpure = ({ specifier, names }: Import): boolean =>
  outside.test(specifier) &&
  !(
    specifier === 'node:net' && /^\{\s*(?:(?:isIP(?:v[46])?|BlockList)(?:,\s*)?)+\s*\}$/.test(names)
  )

/** What a role may import of lib; types of anything else too. */
const forRoles =
  /^lib\/(?:operations\/|compose\/|operation\.ts$|role\.ts$|deferred\.ts$|settings\.ts$|sh\.ts$|secret\.ts$)/

/** Imports against the direction of the layers: the first folder may not import the others. */
const upwards: readonly (readonly [from: string, to: RegExp])[] = [
  ['lib/', /^(?:roles|playbooks|scripts|test)\//],
  ['roles/', /^(?:playbooks|scripts|test)\//],
  ['playbooks/', /^(?:scripts|test)\//],
  ['scripts/', /^test\//],
]

/** What a layer of lib may import of the project, and what it may name the types of besides. */
const layers: readonly (readonly [layer: string, values: RegExp, types: RegExp])[] = [
  [
    'lib/transport/',
    /^lib\/(?:(?:transport|errors|disk)\/|(?:sh|secret)\.ts$)/,
    /^lib\/(?:operation|events)\.ts$/,
  ],
  [
    'lib/converge/',
    /^lib\/(?:converge\/|errors\/|transport\/(?!ssh\/)|(?:sh|secret|operation|deferred)\.ts$)/,
    /^lib\/events\.ts$/,
  ],
  ['lib/inventory/', /^(?!lib\/(?:transport|converge|run)\/)/, /^$/],
]

/** All that breaks a rule of the house, as `path:line: what`. Empty where all is well. */
export const findViolations = (sources: Sources): string[] => {
  const graph = mapLoads(sources)
  return [...sources]
    .flatMap(([path, source]) => [
      ...checkImports(path, source, graph, sources),
      ...checkText(path, source),
    ])
    .concat(findCycles(mapDependencies(sources)).map(ring => `a cycle: ${ring}`))
}

const checkImports = (
  path: string,
  source: string,
  graph: ReadonlyMap<string, readonly string[]>,
  sources: Sources,
): string[] =>
  parseImports(source).flatMap(one => {
    const { specifier, type, line } = one
    const to = resolveImport(path, specifier)
    const broken = [
      ...upwards.flatMap(([from, above]) =>
        path.startsWith(from) && to !== null && above.test(to) && !isOfTests(path, to)
          ? [`${from} may not import ${to}`]
          : [],
      ),
      ...layers.flatMap(([layer, values, types]) =>
        path.startsWith(layer) && to !== null && !values.test(to) && !(type && types.test(to))
          ? [`${layer} may not import ${to}`]
          : [],
      ),
      ...(path.startsWith('roles/') ? checkRole(path, to, one) : []),
      ...(path.startsWith('lib/operations/') && !type
        ? checkOperation(to, one, graph, sources)
        : []),
      ...(path === 'lib/events.ts' && !type
        ? [`events is a leaf: it imports types only, not ${specifier}`]
        : []),
      ...(/^(?:ssh2|node-ssh)(?:\/|$)/.test(specifier) && !path.startsWith('lib/transport/ssh/')
        ? [`only lib/transport/ssh imports ${specifier}`]
        : []),
    ]
    return broken.map(what => `${path}:${line}: ${what}`)
  })

/**
 * The benchmark measures on the tests' own ground: a private sshd, hosts that are this machine. The
 * simulation is run by a script too.
 */
const isOfTests = (path: string, to: string): boolean =>
  (/^scripts\/bench[./]/.test(path) && to.startsWith('test/support/')) ||
  (path === 'scripts/simulate.ts' && to.startsWith('test/simulation/'))

const checkRole = (path: string, to: string | null, one: Import): string[] => {
  if (to === null)
    return isImpure(one) ? [`a role may not import ${one.specifier}: it only lists operations`] : []
  if (to.startsWith('roles/'))
    return findRole(to) === findRole(path)
      ? []
      : [`a role may not import another role (${to}): the playbook composes them`]
  return to.startsWith('lib/') && !one.type && !forRoles.test(to)
    ? [`a role imports operations only, not ${to}`]
    : []
}

/** `roles/traefik.ts` and `roles/traefik/config.ts` are of the role traefik. */
const findRole = (path: string): string => (path.split('/')[1] ?? '').replace(/\.ts$/, '')

const checkOperation = (
  to: string | null,
  one: Import,
  graph: ReadonlyMap<string, readonly string[]>,
  sources: Sources,
): string[] => {
  if (to === null)
    return isImpure(one) ? [`an operation may not import ${one.specifier}: it is pure`] : []
  const reached = listReachable(to, graph).find(path =>
    parseImports(sources.get(path) ?? '').some(one => !one.type && isImpure(one)),
  )
  return reached === undefined
    ? []
    : [
        `an operation imports pure modules only, and ${to} is not pure` +
          (reached === to ? '' : ` (through ${reached})`),
      ]
}

const listReachable = (path: string, graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const seen = new Set([path])
  for (const one of seen) for (const next of graph.get(one) ?? []) seen.add(next)
  return [...seen]
}

/**
 * The only files that give a text to a terminal, each of which makes it safe before: what a prompt,
 * the live rows and the views are given was made so. What starts a run speaks before all of them.
 */
const printing = new Set([
  ...['ask', 'ask-step', 'guard-console', 'live-rows', 'print', 'run-report'].map(
    name => `lib/report/${name}.ts`,
  ),
  ...['explain', 'zx'].map(name => `lib/startup/${name}.mjs`),
  'lib/startup/first-line.mjs',
  'scripts/start.mjs',
])

/** What prints past `guardConsole`, which makes the console of a playbook safe. */
const unguarded =
  /\bprocess\.(?:stdout|stderr)\.write\b|\boutput\.write\(|from '(?:@clack\/prompts|listr2)'|import\('(?:@clack\/prompts|listr2)'\)/
/** What a file writes to that prints. */
const sinks = new RegExp(`${unguarded.source}|(?<![.\\w])console(?:\\.\\w+\\(|\\[)`)

const checkText = (path: string, source: string): string[] => {
  if (!/^(?:lib|roles|playbooks|scripts)\//.test(path)) return []
  const isLib = path.startsWith('lib/')
  const rules: readonly (readonly [RegExp, string])[] = [
    ...(isLib ? [[/\bprocess\.exit\(/, 'nothing under lib calls process.exit'] as const] : []),
    ...(printing.has(path)
      ? []
      : [
          [
            path.startsWith('playbooks/') ? unguarded : sinks,
            'only lib/report/print.ts prints',
          ] as const,
        ]),
    ...(path.startsWith('lib/operations/')
      ? [[/\bthrow new Error\(/, 'an operation throws OptionError for a bad option'] as const]
      : []),
  ]
  return source
    .split('\n')
    .flatMap((text, i) =>
      rules.flatMap(([pattern, what]) =>
        !/^\s*(?:\*|\/\/|\/\*)/.test(text) && pattern.test(text)
          ? [`${path}:${i + 1}: ${what}`]
          : [],
      ),
    )
}

/** The files of lib that hold more than a reader takes in, as `path: N lines`. */
export const findLongFiles = (sources: Sources, most = 250): string[] =>
  [...sources].flatMap(([path, source]) => {
    const lines = source.replace(/\n$/, '').split('\n').length
    return path.startsWith('lib/') && lines > most
      ? [`${path}: ${lines} lines, ${most} at most`]
      : []
  })

/** The operations without a test. The folders below hold their parts, which they test. */
export const findUntested = (paths: readonly string[]): string[] =>
  paths.flatMap(path => {
    const test = `test/${path.replace(/\.ts$/, '.test.ts')}`
    return /^lib\/operations\/[^/]+\.ts$/.test(path) && !paths.includes(test)
      ? [`${path}: its test ${test} is missing`]
      : []
  })
