import { type Output, Unknown, unreadable } from '../../operation.ts'

export type Status = {
  /** Files of the repository that were changed by hand. */
  readonly dirty: readonly string[]
  /** Submodules that are not there, or at another commit. */
  readonly submodules: readonly string[]
}

/**
 * Reads the lines of `git status` (version 2), then those of `git submodule status`. A submodule
 * whose commit alone differs was not changed by hand.
 */
export const readStatus = (lines: readonly string[]): Status => {
  const status = lines.filter(line => /^[12u] /.test(line)).map(line => line.split(' '))
  const dirty = status
    .filter(([, , sub = '']) => !/^SC\./.test(sub))
    .map(words => {
      const skipped = words[0] === '1' ? 8 : words[0] === '2' ? 9 : 10
      return words.slice(skipped).join(' ').split('\t')[0] ?? ''
    })
  const submodules = lines.flatMap(line => /^[-+U][0-9a-f]{40,} (\S+)/.exec(line)?.slice(1) ?? [])
  return { dirty, submodules }
}

/** What git says is wrong. The lines that advise a person at a terminal are left out. */
export const explainFailure = (out: Output): Unknown => {
  const lines = out.stderr.trim().split('\n')
  const dubious = lines.find(line => line.includes('dubious ownership'))
  if (dubious)
    return new Unknown(
      `${dubious.replace(/^fatal: /, '')}: its files belong to another user, give it as owner`,
    )
  const reasons = lines
    .slice(0, -1)
    .filter(line => /^(fatal|error|ssh): |Permission denied|Host key verification/.test(line))
  return reasons.length === 0
    ? unreadable(out)
    : unreadable({ ...out, stderr: [...reasons.slice(0, 2), lines.at(-1)].join('\n') })
}
