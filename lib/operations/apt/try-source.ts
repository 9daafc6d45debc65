import { type OperationWithPaths, Unknown } from '../../operation.ts'
import { type Sh, sh } from '../../sh.ts'

/**
 * The same operation, and its probe fails if apt could not read its sources with this one among
 * them. Before it is written, the source is fetched into separate lists.
 */
export const trySource = (
  op: OperationWithPaths,
  content: string,
  path: string,
): OperationWithPaths => ({
  ...op,
  probe: sh`${readable(content, path)}
${op.probe}`,
  decide: (out, context) => {
    const plan = op.decide(out, context)
    if (plan === null || plan instanceof Unknown || plan.stdin === undefined) return plan
    return {
      ...plan,
      apply: sh`( ${makeFolder}
printf '%s' ${content} >"$t/parts/try.sources" && ${fetch} ) || exit 1
${plan.apply}`,
      seconds: 300,
    }
  },
})

/** The same operation; before the key is written, the source is fetched with it. */
export const tryKey = (
  op: OperationWithPaths,
  content: string,
  path: string,
): OperationWithPaths => ({
  ...op,
  decide: (out, context) => {
    const plan = op.decide(out, context)
    if (plan === null || plan instanceof Unknown || plan.stdin === undefined) return plan
    return { ...plan, apply: applyKey(content, path, plan.apply), seconds: 300 }
  },
})

const applyKey = (content: string, path: string, apply: Sh): Sh => sh`${makeFolder}
cat >"$t/key.asc" && chmod 644 "$t/key.asc" || exit 1
printf '%s' ${content} | sed "s|^Signed-By: ${path}$|Signed-By: $t/key.asc|" \
  >"$t/parts/try.sources" && ${fetch} || exit 1
( ${apply}
) <"$t/key.asc"`

/** The same operation; its probe fails while a source file besides this one names the key. */
export const whileUnused = (
  op: OperationWithPaths,
  key: string,
  list: string,
): OperationWithPaths => ({
  ...op,
  probe: sh`used=$(grep -rlF -e ${key} /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
  grep -vxF -e ${list})
[ -z "$used" ] || { echo ${`${key} is the key of another source too:`} $used >&2; exit 3; }
${op.probe}`,
})

/** Ends with exit 3 if apt could not read its sources with this one among them. */
const readable = (content: string, path: string): Sh => sh`( t=$(mktemp -d) || exit 1
trap 'rm -rf "$t"' 0; trap 'exit 143' HUP INT TERM
for f in /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ ! -e "$f" ] || [ "$f" = ${path} ] || ln -s "$f" "$t/" || exit 1
done
printf '%s' ${content} >"$t/${path.replace(/^.*\//, '')}" || exit 1
said=$(apt-get -o Dir::Etc::sourceparts="$t" indextargets 2>&1 >/dev/null) || {
  echo 'apt could not read its sources with this one:' \
    "$(printf '%s\n' "$said" | sed -n 's/^E: //p' | head -n 1)" >&2
  exit 1
} ) || exit 3`

// Readable for the user as whom apt fetches.
const makeFolder: Sh = sh`t=$(mktemp -d /var/tmp/brd-try.XXXXXX) || exit 1
trap 'rm -rf "$t"' 0; trap 'exit 143' HUP INT TERM
chmod 755 "$t" && ( umask 022; mkdir -p "$t/parts" "$t/lists/partial" ) || exit 1
chown _apt "$t/lists/partial" 2>/dev/null || :`

const fetch: Sh = sh`{ chmod 644 "$t/parts/try.sources"
said=$(apt-get -q -o Acquire::Retries=3 -o APT::Update::Error-Mode=any \
  -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$t/parts" \
  -o Dir::State::lists="$t/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
  update 2>&1) || {
  printf '%s\n' 'this source does not work, and was not added:' "$said" | tail -n 12 >&2
  false
}; }`
