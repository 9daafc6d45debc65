import { type Operation, Unknown } from '../../lib/operation.ts'
import { renderDeployment } from './golden.ts'
import { makeOutput, nothingPending } from './operations.ts'

/**
 * What must be done, where both are listed, before something else of the list may be: a run may
 * stop between any two operations, and ssh, sudo and what runs must still work then.
 */
const ORDER: readonly (readonly [before: RegExp, after: RegExp, why: string])[] = [
  [/^sudoers /, /^(user|authorizedKeys|passwordLock|sshd) /, 'sudo no longer asks for a password'],
  [/^user (\S+)$/, /^authorizedKeys NAME$/, 'keys are for an account'],
  [/^authorizedKeys (\S+)$/, /^passwordLock NAME$/, 'a key opens what a password no longer does'],
  [/^authorizedKeys /, /^sshd /, 'keys open what a password no longer does'],
  [/^sshd /, /^passwordLock /, 'a login by key is proven before passwords end'],
  [/^(sshd|authorizedKeys) /, /^user \S+ -$/, 'others get in before somebody no longer does'],
  [/^sshd /, /^(firewall|ufw) /, 'the ports of ssh are those that are let in'],
  [/^hostsEntry /, /^hostname /, 'sudo looks its host up, and waits for a name server'],
  [/^systemd\.unit (\S+?)(\.service)?$/, /^service NAME$/, 'a unit is there before it starts'],
  [/^docker\.daemon /, /^apt\.packages .*docker/, 'Docker starts with its settings'],
  [/^apt\.packages .*docker/, /^service docker$/, 'Docker is there before it starts'],
  [
    /^docker\.engine docker(-ce|\.io)$/,
    /^apt\.packages .*docker/,
    'another engine is found before',
  ],
  [/^secretsUnchanged /, /^(stack|mariadb\.|redis\.)/, 'no secret is lost by an accident'],
  [/^stack /, /^http\.answers /, 'what runs is asked'],
  [/^stack \S+-data$/, /^(mariadb|redis)\./, 'the database is there'],
  [/^(mariadb|redis)\./, /^(job|stack) (?!.*-data$)/, 'users are there before who logs in'],
  [/^job /, /^stack (?!.*-data$)/, 'migrations end before the first request'],
  [/^docker\.login /, /^(stack|job) /, 'images can be pulled'],
  [/^docker\.node /, /^stack /, 'there is a node to run on'],
  [/^swarm\.init/, /^(swarm\.token|docker\.node)/, 'there is a swarm'],
]

/** The stops of a list after which something would not work: what comes too early, and why. */
export const findUnsafeStops = (
  list: readonly Operation[],
  /** Networks that other lists make. Default none. */
  networks: readonly string[] = [],
): string[] => {
  const own = list.flatMap(({ kind, name }) => (kind === 'docker.network' ? [name] : []))
  const ids = list.map(nameStep)
  const texts = list.map(op => readText(op, [...networks, ...own]))
  const found: string[] = []
  for (const [early, id] of ids.entries())
    for (const [late, other] of ids.entries()) {
      if (late <= early) continue
      const why =
        ORDER.find(([before, after]) => follows(before, after, other, id))?.[2] ??
        explainUse(texts[early] as string, list[early] as Operation, list[late] as Operation)
      if (why) found.push(`${id} before ${other}: ${why}`)
    }
  return found
}

/** An account that goes is marked by a dash. */
const nameStep = (op: Operation): string => (removesUser(op) ? `${op.id} -` : op.id)
const removesUser = (op: Operation): boolean =>
  op.kind === 'user' && op.decide(makeOutput('absent\n'), nothingPending) === null

const follows = (before: RegExp, after: RegExp, first: string, second: string): boolean => {
  const [, name] = before.exec(first) ?? ['none']
  if (!before.test(first)) return false
  const text = after.source.replace('NAME', (name ?? '').replace(/[.\\+]/g, '\\$&'))
  return new RegExp(text).test(second)
}

/** Whether an operation reads, runs or mounts a file or folder that another one makes. */
const explainUse = (text: string, user: Operation, maker: Operation): string | null => {
  const paths = listPaths(maker)
  const network = maker.kind === 'docker.network' ? [maker.name] : []
  const own = listPaths(user)
  const used = [...paths, ...network].find(
    one =>
      !own.includes(one) && new RegExp(`(^|[^\\w./-])${escapePattern(one)}($|[^\\w.-])`).test(text),
  )
  return used === undefined ? null : `it needs ${used}`
}
const listPaths = (op: Operation): readonly string[] =>
  op.kind === 'directory' ? [op.name] : 'paths' in op ? (op.paths as readonly string[]) : []
const escapePattern = (text: string): string => text.replace(/[.\\+*?()[\]{}^$|]/g, '\\$&')

/** All that an operation says to its host where nothing is there yet. */
const readText = (op: Operation, networks: readonly string[]): string => {
  if (op.kind === 'stack') return renderDeployment(op, networks)
  const stdin = ['absent\n', 'no\nabsent\n'].flatMap(printed => {
    const plan = op.decide(makeOutput(printed), nothingPending)
    return plan && !(plan instanceof Unknown) ? [plan.stdin ?? ''].flat().map(String) : []
  })
  return [op.probe.text, ...stdin].join('\n')
}
