const SIGNS: Readonly<Record<string, string>> = {
  ' ': '\\040',
  '\t': '\\011',
  '\n': '\\012',
  '\\': '\\134',
}

/** A path as the kernel writes it in /proc/self/mountinfo, and as fstab has it. */
export const escapePath = (path: string): string =>
  path.replace(/[ \t\n\\]/g, sign => SIGNS[sign] as string)

/** What such a text means. */
export const unescapePath = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
