import { type Sh, sh } from '../../sh.ts'

/**
 * Edits the logins of a config.json of Docker's, whose text comes on stdin, with awk alone: a host
 * has no other reader of JSON, and Docker's own would run what the file names (plugins, helpers).
 */
const edit = (server: string, work: Sh): Sh => sh`SERVER=${`"${server}"`} awk '
function fail() { print "config.json is not as Docker writes it" >"/dev/stderr"; bad = 1; exit 1 }
function at() { return substr(s, i, 1) }
function blank() { while (i <= n && index(" \t\r\n", at())) i++ }
function text(  b) {
  b = i++
  while (i <= n && at() != "\"") { if (at() == "\\") i++; i++ }
  i++
  return substr(s, b, i - b)
}
function value(  depth) {
  blank()
  if (index("{[", at())) {
    do {
      if (at() == "\"") text()
      else { if (index("{[", at())) depth++; if (index("}]", at())) depth--; i++ }
    } while (depth > 0 && i <= n)
  }
  else if (at() == "\"") text()
  else while (i <= n && !index(",}] \t\r\n", at())) i++
}
# In the object at i: its member, from key to end, its value from from to end.
function member(name,  found) {
  blank(); if (at() != "{") fail()
  open = i++; count = 0
  for (;;) {
    blank(); if (at() == "}") return 0
    if (at() == ",") { i++; blank() }
    key = i; if (at() != "\"") fail()
    found = text(); blank(); if (at() != ":") fail()
    i++; blank(); from = i; value(); end = i; count++
    if (found == name) return 1
    if (i > n) fail()
  }
}
function insert(what) { s = substr(s, 1, open) what (count ? "," : "\n") substr(s, open + 1) }
{ s = s $0 "\n" }
END {
  if (bad) exit 1
  n = length(s); i = 1
  ${work}
}'`

/** Prints the file's login for the server, as JSON; nothing if it has none. */
export const printEntry = (server: string): Sh =>
  edit(
    server,
    sh`if (!member("\"auths\"")) exit
  i = from; if (member(ENVIRON["SERVER"])) print substr(s, from, end - from)`,
  )

/** Prints `helper` if logins are kept by a program that the file names, not in the file. */
export const printHelper = (server: string): Sh =>
  edit(
    server,
    sh`if (member("\"credsStore\"")) { print "helper"; exit }
  i = 1; if (!member("\"credHelpers\"")) exit
  i = from; if (member(ENVIRON["SERVER"])) print "helper"`,
  )

/** Prints the file with the login whose JSON is the first line of stdin; the others stay. */
export const putEntry = (server: string): Sh =>
  edit(
    server,
    sh`entry = substr(s, 1, index(s, "\n") - 1); s = substr(s, length(entry) + 2)
  n = length(s)
  if (!member("\"auths\"")) insert("\n\t\"auths\": {\n\t\t" ENVIRON["SERVER"] ": " entry "\n\t}")
  else {
    i = from
    if (member(ENVIRON["SERVER"])) s = substr(s, 1, from - 1) entry substr(s, end)
    else insert("\n\t\t" ENVIRON["SERVER"] ": " entry)
  }
  printf "%s", s`,
  )

/** Prints the file without the login; the others stay. */
export const dropEntry = (server: string): Sh =>
  edit(
    server,
    sh`if (member("\"auths\"")) {
    i = from
    if (member(ENVIRON["SERVER"])) {
      before = substr(s, 1, key - 1); after = substr(s, end)
      if (!sub(/^[ \t\r\n]*,/, "", after)) sub(/,[ \t\r\n]*$/, "", before)
      s = before after
    }
  }
  printf "%s", s`,
  )
