/** Which test files a run of the runner takes. */
export type TestSelection = {
  /** Files or folders; none means all. */
  readonly paths: readonly string[]
  readonly unit: boolean
  readonly live: boolean
  /** Part of the file's name. */
  readonly only?: string
}

/** True of a test that needs the lab. */
export const isLive = (file: string): boolean => file.startsWith('test/live/')

/** The files asked for: the unit ones first. A path that fits no test file is an error. */
export const selectFiles = (
  files: readonly string[],
  asked: TestSelection,
): { readonly unit: string[]; readonly live: string[] } => {
  const paths = asked.paths.map(path => path.replace(/^\.\//, '').replace(/\/$/, ''))
  const lost = paths.filter(path => !files.some(file => isWithin(file, path)))
  if (lost.length > 0)
    throw new Error(`no test file at ${lost.join(', ')}: test files are test/**/NAME.test.ts`)
  const wanted = files
    .filter(file => paths.length === 0 || paths.some(path => isWithin(file, path)))
    .filter(
      file => asked.only === undefined || file.slice(file.lastIndexOf('/')).includes(asked.only),
    )
    .sort()
  const both = asked.unit === asked.live
  return {
    unit: both || asked.unit ? wanted.filter(file => !isLive(file)) : [],
    live: both || asked.live ? wanted.filter(isLive) : [],
  }
}

const isWithin = (file: string, path: string): boolean =>
  file === path || file.startsWith(`${path}/`)
