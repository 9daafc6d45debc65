import { type Sh, sh } from '../../sh.ts'

/** A value in a Match block: it applies to the connections that meet the criteria alone. */
export type BlockValue = {
  /** `/etc/ssh/sshd_config:12`. */
  readonly place: string
  readonly criteria: string
  readonly keyword: string
  readonly value: string
}

/**
 * Prints `~ PLACE<tab>CRITERIA<tab>KEYWORD VALUE` for each of these keywords in a Match block, in
 * /etc/ssh/sshd_config and what it includes. `sshd -T` tells of one connection at a time, and a
 * block overrides what is set for all.
 */
export const printBlocks = (keywords: readonly string[]): Sh =>
  sh`KEYS=${` ${keywords.join(' ')} `} awk '
function dump(f, match_, depth,  line, no, key, rest, n, i, word, all, path) {
  if (depth > 16) return
  while ((getline line < f) > 0) {
    no++; sub(/^[ \t]+/, "", line); sub(/[ \t\r]+$/, "", line)
    if (line == "" || line ~ /^#/) continue
    key = rest = line; sub(/[ \t=].*/, "", key); key = tolower(key)
    rest = substr(line, length(key) + 1); sub(/^[ \t]*=?[ \t]*/, "", rest)
    if (key == "match") match_ = rest
    else if (key == "include") {
      gsub(/"/, "", rest); n = split(rest, word, /[ \t]+/); all = ""
      for (i = 1; i <= n; i++) {
        if (word[i] !~ /^\//) word[i] = "/etc/ssh/" word[i]
        all = all " " word[i]
      }
      all = "ls -d" all " 2>/dev/null"; n = 0
      while ((all | getline path) > 0) word[++n] = path
      close(all)
      for (i = 1; i <= n; i++) dump(word[i], match_, depth + 1)
    }
    else if (match_ != "" && index(ENVIRON["KEYS"], " " key " "))
      print "~ " f ":" no "\t" match_ "\t" key " " rest
  }
  close(f)
}
BEGIN {dump("/etc/ssh/sshd_config", "", 0)}'`

/** Reads what `printBlocks` printed. */
export const readBlocks = (lines: readonly string[]): readonly BlockValue[] =>
  lines.flatMap(line => {
    const [, place = '', criteria = '', keyword = '', value = ''] =
      /^~ ([^\t]*)\t([^\t]*)\t(\S+) ?(.*)$/.exec(line) ?? []
    return keyword ? [{ place, criteria, keyword, value }] : []
  })
