/**
 * True if the source of a playbook certainly plays once: one `run.play(…)` at its top level, and
 * nothing else is given the run. All tags and operations are then known before it connects.
 */
export const playsOnce = (source: string): boolean => {
  const code = source
    .split('\n')
    .filter(line => !/^\s*(?:\/\/|\/?\*)/.test(line))
    .join('\n')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
  const [declared] = /^const run = await playbook\(/m.exec(code) ?? []
  if (declared === undefined || code.split('.play(').length !== 2) return false
  const uses = code.match(/\brun\b(?!\.)/g) ?? []
  return uses.length === 1 && /^(?:const [^=\n]+ = )?await run\.play\(/m.test(code)
}
