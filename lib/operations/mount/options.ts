const FLAGS: Readonly<Record<string, string>> = {
  ro: 'rw',
  nosuid: 'suid',
  nodev: 'dev',
  noexec: 'exec',
  noatime: 'atime',
  nodiratime: 'diratime',
}
/** The kernel rounds the size of a tmpfs up to whole pages. */
const PAGE = 4096
const UNIT: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

/**
 * Compares the wanted options with those that the kernel reports: flags, and size, mode and owner
 * of a tmpfs. Options that the kernel does not report in the same words (`defaults`, `nofail`,
 * `size=10%`) are left out.
 */
export const compareOptions = (
  now: string,
  want = 'defaults',
): { readonly before: string; readonly after: string } => {
  const told = now.split(',')
  const pairs = want.split(',').flatMap(option => compareOption(told, option))
  return {
    before: pairs.map(([before]) => before).join(','),
    after: pairs.map(([, after]) => after).join(','),
  }
}

const compareOption = (
  told: readonly string[],
  option: string,
): readonly (readonly [string, string])[] => {
  for (const [on, off] of Object.entries(FLAGS))
    if (option === on || option === off) return [[told.includes(on) ? on : off, option]]
  const [, key = '', value = ''] = /^(size|mode|uid|gid)=(.*)$/.exec(option) ?? []
  const wanted = parseNumber(key, value)
  if (key === '' || wanted === null) return []
  const is = told.find(other => other.startsWith(`${key}=`))?.slice(key.length + 1) ?? DEFAULTS[key]
  return is === undefined
    ? [[`no ${key}`, option]]
    : parseNumber(key, is) === wanted
      ? [[option, option]]
      : [[`${key}=${is}`, option]]
}

/** Values that the kernel does not report. */
const DEFAULTS: Readonly<Record<string, string>> = { mode: '1777', uid: '0', gid: '0' }

const parseNumber = (key: string, value: string): number | null => {
  if (key === 'mode') return Number.parseInt(value, 8)
  const [, digits, unit = ''] = /^(\d+)([kmg]?)$/i.exec(value) ?? []
  if (digits === undefined) return null
  const number = Number(digits) * (UNIT[unit.toLowerCase()] ?? 1)
  return key === 'size' ? Math.ceil(number / PAGE) * PAGE : number
}
