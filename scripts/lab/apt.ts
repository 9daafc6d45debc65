/**
 * How this machine reaches Debian's packages, carried over to the lab's images. Nothing is assumed
 * but apt itself.
 */
import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tryLocal } from '../../lib/images/local-command.ts'

/** The release that the lab's servers run. */
export const release = 'bookworm'

type Os = { id: string; codename: string }
type Entry = { uri: string; suite: string; components: string }

/**
 * `/etc/apt/sources.list` of a Debian bookworm with this machine's mirrors; Debian's own where the
 * machine has none to tell.
 */
export const renderSources = (texts: readonly string[], os: Os): string => {
  const suites = ['', '-updates', '-security'].map(part => os.codename + part)
  const entries =
    os.id === 'debian'
      ? texts
          .flatMap(parseSources)
          .filter(entry => suites.includes(entry.suite) && / main\b/.test(` ${entry.components}`))
      : []
  const found = entries.some(entry => entry.suite === os.codename) ? entries : debians
  return found
    .map(entry => `deb ${entry.uri} ${entry.suite.replace(os.codename, release)} main\n`)
    .join('')
}

/**
 * The lines of `apt-config dump` that say how to fetch: proxies, certificates, clock checks,
 * address families.
 */
export const selectSettings = (dump: string): string =>
  dump
    .split('\n')
    .filter(
      line =>
        /^Acquire::(http|https|Check-Valid-Until|Check-Date|Retries|ForceIPv[46])\b/.test(line) &&
        !/ "";$/.test(line),
    )
    .filter(line => !/Auto-?Detect|Ssl(Cert|Key)|CaInfo/i.test(line))
    .map(line => line + '\n')
    .join('')

/** The proxy for packages that these settings name, or null. */
export const findProxy = (text: string): string | null =>
  text.match(/^Acquire::http::Proxy "(.*)";$/m)?.[1] ?? null

/**
 * Files for an image, by their path in it, so that apt and TLS work in it as they do on this
 * machine.
 */
export const readMachineFiles = async (): Promise<Record<string, string>> => ({
  'etc/apt/sources.list': renderSources(await readSourceTexts(), await readOs()),
  'etc/apt/apt.conf.d/90machine': selectSettings((await tryLocal(['apt-config', 'dump'])) ?? ''),
  ...(await readFilesIn('/usr/local/share/ca-certificates', /\.crt$/)),
  ...(await readFilesIn('/etc/ssl/certs', /^ca-certificates\.crt$/)),
})

const debians: Entry[] = [
  { uri: 'http://deb.debian.org/debian', suite: release, components: 'main' },
  { uri: 'http://deb.debian.org/debian', suite: `${release}-updates`, components: 'main' },
  {
    uri: 'http://deb.debian.org/debian-security',
    suite: `${release}-security`,
    components: 'main',
  },
]

// Both formats of apt: one line an entry, or a paragraph of fields.
const parseSources = (text: string): Entry[] =>
  /^Types:/m.test(text)
    ? text.split(/\n\s*\n/).flatMap(parseParagraph)
    : text.split('\n').flatMap(parseLine)

const parseLine = (line: string): Entry[] => {
  const [, uri, suite, components] =
    line.match(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/) ?? []
  return uri && suite && components ? [{ uri, suite, components }] : []
}

const parseParagraph = (text: string): Entry[] => {
  const field = (name: string) =>
    text.match(new RegExp(`^${name}:\\s*(.+)$`, 'm'))?.[1]?.trim() ?? ''
  const words = (name: string) => field(name).split(/\s+/).filter(Boolean)
  if (!words('Types').includes('deb') || field('Enabled') === 'no') return []
  return words('URIs').flatMap(uri =>
    words('Suites').map(suite => ({ uri, suite, components: field('Components') })),
  )
}

const readSourceTexts = async (): Promise<string[]> =>
  Object.values({
    ...(await readFilesIn('/etc/apt', /^sources\.list$/)),
    ...(await readFilesIn('/etc/apt/sources.list.d', /\.(list|sources)$/)),
  })

const readOs = async (): Promise<Os> => {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string) => text.match(new RegExp(`^${name}="?([^"\\n]*)`, 'm'))?.[1] ?? ''
  return { id: field('ID'), codename: field('VERSION_CODENAME') }
}

const readFilesIn = async (folder: string, pattern: RegExp): Promise<Record<string, string>> => {
  const names = (await readdir(folder).catch(() => [])).filter(name => pattern.test(name)).sort()
  const readable = await Promise.all(
    names.map(name =>
      access(join(folder, name)).then(
        () => true,
        () => false,
      ),
    ),
  )
  const pairs = names
    .filter((_, index) => readable[index])
    .map(async name => [join(folder, name).slice(1), await readFile(join(folder, name), 'utf8')])
  return Object.fromEntries(await Promise.all(pairs))
}
