import type { LabHost } from './lab-host.ts'

/** A container that runs on a host, and where it can be found. */
export type Container = {
  readonly host: LabHost
  readonly id: string
  readonly pid: number
  readonly name: string
  readonly stack: string
  /** The service's full name. */
  readonly service: string
  /**
   * Its addresses by their networks; docker_gwbridge is the bridge by which it reaches the world.
   */
  readonly addresses: ReadonlyMap<string, string>
}

type Inspected = {
  readonly Id: string
  readonly Pid: number
  readonly Name: string
  readonly Labels: Readonly<Record<string, string>>
  readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>
}

/** The containers of all stacks on these hosts. */
export const listContainers = (hosts: readonly LabHost[]): Container[] =>
  hosts.flatMap(host => {
    const [bridge = '{}', ...lines] = host.root(script).trim().split('\n')
    const world = JSON.parse(bridge) as Record<string, { readonly IPv4Address: string }>
    return lines.map(line => {
      const { Id, Pid, Name, Labels, Networks } = JSON.parse(line) as Inspected
      const gateway = world[Id]?.IPv4Address.split('/')[0]
      const own = Object.entries(Networks).map(
        ([network, { IPAddress }]) => [network, IPAddress] as const,
      )
      return {
        host,
        id: Id,
        pid: Pid,
        name: Name.slice(1),
        stack: Labels['com.docker.stack.namespace'] ?? '',
        service: Labels['com.docker.swarm.service.name'] ?? '',
        addresses: new Map([...own, ...(gateway ? [['docker_gwbridge', gateway] as const] : [])]),
      }
    })
  })

const format =
  '{"Id":{{json .Id}},"Pid":{{.State.Pid}},"Name":{{json .Name}},' +
  '"Labels":{{json .Config.Labels}},"Networks":{{json .NetworkSettings.Networks}}}'
const script = `docker network inspect --format '{{json .Containers}}' docker_gwbridge
docker ps --quiet --filter label=com.docker.stack.namespace |
  xargs -r docker inspect --format '${format}'`

/** What is asked of a container: from where, and about what. */
export type NameQuestion = { readonly from: Container; readonly about: readonly string[] }

/** A port that nothing of ours listens on. */
const PORT = 47123

/**
 * For each question, those of its addresses at which a container is reached. Each container is made
 * to tell its name to whoever calls, for a minute: on the way to an address
 * that leads out of the host anything may answer, and that a connection is taken proves nothing.
 */
export const findReachable = (
  questions: readonly NameQuestion[],
  all: readonly Container[],
): Map<Container, string[]> => {
  for (const host of new Set(all.map(({ host }) => host))) {
    const here = all.filter(of => of.host === host)
    host.root(
      here
        .map(
          ({ pid, name }) =>
            `nsenter --target ${pid} --net perl -e '${listener}' ${PORT} ${name} </dev/null >/dev/null 2>&1 || [ ! -e /proc/${pid} ]`,
        )
        .join('\n'),
    )
  }
  return askContainers(
    questions,
    ({ pid }) => `nsenter --target ${pid} --net perl -e '${caller}' ${PORT}`,
  )
}

const listener = `use IO::Socket::INET; my ($port, $name) = @ARGV;
my $door = IO::Socket::INET->new(LocalPort => $port, Listen => 64, ReuseAddr => 1) or exit 1;
exit 0 if fork; alarm 60;
while (my $guest = $door->accept) { print $guest "$name\n"; close $guest }`

// Connects to all addresses at the same time and reads for five seconds.
const caller = `use IO::Socket::INET; use IO::Select;
my ($port, @all) = @ARGV; my %of; my $open = IO::Select->new;
for (@all) {
  my $one = IO::Socket::INET->new(PeerAddr => $_, PeerPort => $port, Blocking => 0) or next;
  $of{$one} = $_; $open->add($one)
}
my $end = time + 5;
while ($open->count && time < $end) {
  for my $one ($open->can_read(1)) {
    print "$of{$one} $said" if sysread($one, $said, 99); $open->remove($one)
  }
}`

/**
 * For each question, those of its names that mean anything inside the container, each with its
 * addresses.
 */
export const resolveNames = (questions: readonly NameQuestion[]): Map<Container, string[]> =>
  askContainers(questions, ({ id }) => `docker exec ${id} sh -c '${resolver}' -`)

const resolver = `for name in "$@"; do
  { found=$(getent ahostsv4 "$name" | cut -d " " -f 1 | sort -u) &&
    [ -z "$found" ] || echo "$name" $found; } &
done; wait`

/** Runs the command in each container, with one login per host because logins take time. */
const askContainers = (
  questions: readonly NameQuestion[],
  command: (from: Container) => string,
): Map<Container, string[]> => {
  const found = new Map(questions.map(({ from }) => [from, [] as string[]]))
  for (const host of new Set(questions.map(({ from }) => from.host))) {
    const here = questions.filter(({ from }) => from.host === host)
    const parts = here.map(
      ({ from, about }, i) => `{ ${command(from)} ${about.join(' ')} | sed 's/^/${i} /'; } &`,
    )
    for (const line of host.root(`${parts.join('\n')}\nwait`).split('\n')) {
      const [, i, text = ''] = /^(\d+) (.*)$/.exec(line) ?? []
      if (i !== undefined) found.get((here[Number(i)] as NameQuestion).from)?.push(text)
    }
  }
  return found
}
