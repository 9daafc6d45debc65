import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { InputError } from '../../../lib/errors/input-error.ts'
import { collectProblems } from '../../../lib/operation/options.ts'
import { apt } from '../../../lib/operations/apt.ts'
import { command } from '../../../lib/operations/command.ts'
import { docker } from '../../../lib/operations/docker.ts'
import { file } from '../../../lib/operations/file.ts'
import { firewall } from '../../../lib/operations/firewall.ts'
import { journal } from '../../../lib/operations/journal.ts'
import { line } from '../../../lib/operations/line.ts'
import { mariadb } from '../../../lib/operations/mariadb.ts'
import { service } from '../../../lib/operations/service.ts'
import { stack } from '../../../lib/operations/stack.ts'
import { template } from '../../../lib/operations/template.ts'
import { timer } from '../../../lib/operations/timer.ts'
import { ufw } from '../../../lib/operations/ufw.ts'
import { user } from '../../../lib/operations/user.ts'
import { waitFor } from '../../../lib/operations/waitFor.ts'
import { Secret } from '../../../lib/secret.ts'
import { sh } from '../../../lib/sh.ts'

/** An operation with options of any type, as a playbook without a compiler has it. */
type Untyped = (options: unknown, meta?: unknown) => unknown
const untyped = (make: unknown): Untyped => make as Untyped
const message = (make: () => unknown): string => {
  try {
    make()
    return ''
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return error.message
  }
}

const path = '/etc/x'
const web = { image: 'a:1', networks: ['n'], deploy: { endpoint_mode: 'dnsrr' } }
const networks = { n: {} }
const shop = (service: object) => ({
  name: 'shop',
  compose: { services: { web: { ...web, ...service } }, networks },
})

/** What is given, and what is said: the place, the value, what is possible, the nearest. */
const rows: Record<string, [make: unknown, options: unknown, said: string]> = {
  'a word of another tool': [
    service,
    { name: 'nginx', state: 'started' },
    'service nginx: state: "started" is not possible\n  it is one of running, stopped',
  ],
  'a misspelt word': [
    user,
    { name: 'anna', state: 'abset' },
    'user anna: state: "abset" is not possible; did you mean "absent"?\n' +
      '  it is one of present, absent',
  ],
  'a word of no form': [
    file,
    { path, state: 'removed' },
    'file /etc/x: state: "removed" is not possible\n  it is one of present, absent',
  ],
  'a mode as a number': [
    file,
    { path, content: '', mode: 0o644 },
    "file /etc/x: mode: 420 is not possible\n  it is text in octal, such as '644'",
  ],
  'a port with a letter': [
    firewall,
    { allow: [{ port: 80 }, { port: '22x' }] },
    'firewall: allow[1].port: "22x" is not possible\n' +
      '  it is a whole number, 1 to 65535 or text like 1-1',
  ],
  'a port out of range': [
    waitFor,
    { port: 65_536 },
    'waitFor: port: 65536 is not possible\n  it is a whole number, 1 to 65535',
  ],
  'a number as text': [
    user,
    { name: 'anna', uid: '1000' },
    'user anna: uid: "1000" is not possible\n  it is a whole number, 0 to 4294967294',
  ],
  'half a day': [
    journal,
    { days: 0.5 },
    'journal: days: 0.5 is not possible\n  it is a whole number, 0 to 36500',
  ],
  'no number': [
    service,
    { name: 'x', timeoutSeconds: Number.NaN },
    'service x: timeoutSeconds: NaN is not possible\n  it is a whole number, 1 to 604800',
  ],
  'yes for true': [
    service,
    { name: 'x', enabled: 'yes' },
    'service x: enabled: "yes" is not possible\n  it is true or false',
  ],
  'a relative path': [
    file,
    { path: 'etc/motd', content: '' },
    'file etc/motd: path: "etc/motd" is not possible\n  it is an absolute path, such as /etc/motd',
  ],
  'a text for a list': [
    apt.packages,
    { names: 'nginx' },
    'apt.packages: names: "nginx" is not possible\n  write [\'nginx\']; it is a list, ' +
      'each entry text of one line',
  ],
  'a number in a list': [
    user,
    { name: 'anna', groups: ['docker', 5] },
    'user anna: groups[1]: 5 is not possible\n  it is text of one line',
  ],
  'an empty name': [
    user,
    { name: '' },
    'user : name: "" is not a name\n  write one line of text, not empty',
  ],
  'no condition': [command, { run: sh`true` }, 'command: creates or removes or unless is expected'],
  'two conditions': [
    command,
    { run: sh`true`, creates: path, removes: path },
    'command: removes does not go together with creates\n  leave one of them out',
  ],
  'content and source': [
    file,
    { path, content: '', source: new URL('file:///x') },
    'file /etc/x: source does not go together with content\n  leave one of them out',
  ],
  'content of what is absent': [
    file,
    { path, state: 'absent', content: '' },
    'file /etc/x: content does not go together with state: "absent"\n  leave one of them out',
  ],
  'neither content nor source': [file, { path }, 'file /etc/x: content or source is expected'],
  'half of a form': [
    line,
    { path, key: 'a' },
    'line /etc/x: value is expected\n  it is text or a number',
  ],
  'null for nothing': [
    user,
    { name: 'anna', shell: null },
    'user anna: shell: null is not possible\n  leave it out for its default; it is text',
  ],
  'a promise': [
    mariadb.user,
    { service: 's', user: 'shop', host: '%', password: Promise.resolve(), grants: {} },
    'mariadb.user: password: a promise is not possible\n' +
      "  await it; it is a Secret (await run.secret('NAME'))",
  ],
  'a password in plain, which is not shown': [
    mariadb.user,
    { service: 's', user: 'shop', host: '%', password: 'hunter22', grants: {} },
    'mariadb.user: password: a text is not possible\n' +
      "  it is a Secret (await run.secret('NAME'))",
  ],
  'a secret where its text would be shown': [
    command,
    { run: sh`true`, creates: path, environment: { TOKEN: new Secret('hunter22', 'api/token') } },
    'command: environment.TOKEN: (secret api/token) is not possible\n  it is text',
  ],
  'a variable of the environment that is undefined': [
    command,
    { run: sh`true`, creates: path, environment: { PROXY: undefined } },
    'command: environment.PROXY: undefined is not possible\n  it is text',
  ],
  'a command that is no fragment': [
    command,
    { run: 'true', creates: path },
    'command: run: "true" is not possible\n  it is a fragment of sh (sh`…`)',
  ],
  'a path for an operation': [
    service,
    { name: 'x', restartOn: [path] },
    'service x: restartOn[0]: "/etc/x" is not possible\n' +
      '  it is an operation that owns files, such as file or systemd.unit',
  ],
  'an operation that owns no file': [
    service,
    { name: 'x', restartOn: [user({ name: 'anna' })] },
    'service x: restartOn[0]: the operation user anna is not possible\n' +
      '  it is an operation that owns files, such as file or systemd.unit',
  ],
  'one operation for a list': [
    service,
    { name: 'x', restartOn: file({ path, content: '' }) },
    'service x: restartOn: the operation file /etc/x is not possible\n' +
      '  write […]; it is a list, each entry an operation that owns files, such as file or ' +
      'systemd.unit',
  ],
  'what && leaves': [
    service,
    { name: 'x', restartOn: [false] },
    'service x: restartOn[0]: false is not possible\n' +
      '  an entry that is not always wanted: ...(when ? [entry] : [])',
  ],
  'a list of operations in a list': [
    service,
    { name: 'x', restartOn: [timer({ name: 'y', onCalendar: 'daily', command: 'true' })] },
    'service x: restartOn[0]: a list is not possible\n  spread the list: ...timer({ … })',
  ],
  'a path of this machine as text': [
    template,
    { path, source: './site.eta', data: {} },
    'template /etc/x: source: "./site.eta" is not possible\n' +
      "  it is a file on this machine (new URL('./NAME', import.meta.url))",
  ],
  'a misspelt option inside': [
    ufw,
    { rules: [{ rule: 'allow', prot: 'tcp' }] },
    'ufw: there is no option rules[0].prot; did you mean "port"?\n' +
      '  it takes rule, port, proto, from, to, direction, interface',
  ],
  'a word deep inside': [
    stack,
    shop({ deploy: { endpoint_mode: 'vip', update_config: { order: 'start' } } }),
    'stack shop: compose.services.web.deploy.update_config.order: "start" is not possible\n' +
      '  it is one of start-first, stop-first',
  ],
  'a number deep inside': [
    stack,
    shop({ deploy: { endpoint_mode: 'vip', replicas: '2' } }),
    'stack shop: compose.services.web.deploy.replicas: "2" is not possible\n' +
      '  it is a whole number, 0 to 100000',
  ],
  'a size without its unit': [
    docker.container,
    { name: 'x', image: 'a:1', memory: '512' },
    'docker.container x: memory: "512" is not possible\n  it is text like 1G, 1K or 1M',
  ],
  'no options at all': [
    file,
    'motd',
    'file: "motd" is not possible\n' +
      '  it is an object with path, mode, owner, group, validate, content, state, source',
  ],
}
for (const [what, [make, options, said]] of Object.entries(rows))
  test(`refused: ${what}`, () =>
    assert.is(
      message(() => untyped(make)(options)),
      said,
    ))

test('all that is wrong with one operation is said', () => {
  const said = message(() => untyped(file)({ pth: path, content: 5, mode: 0o600, state: 'gone' }))
  for (const part of [/no option pth; did you mean "path"\?/, /content: /, /mode: 384/, /"gone"/])
    assert.match(said, part)
})

test('of a long list only some wrong entries are shown', () => {
  const said = message(() =>
    untyped(apt.packages)({ names: Array.from({ length: 500 }, (_, i) => i) }),
  )
  assert.is(said.match(/names\[/g)?.length, 5)
  assert.match(said, 'apt.packages: names: 495 more entries are not possible')
})

test('all bad operations of a list are one error', () => {
  const said = message(() =>
    collectProblems(() => [
      untyped(service)({ name: 'nginx', state: 'started' }),
      ...(untyped(timer)({ name: 'x', onCalendar: 'daily', comand: 'true' }) as unknown[]),
      service({
        name: 'x',
        restartOn: [untyped(file)({ path, mode: 5 }) as ReturnType<typeof file>],
      }),
    ]),
  )
  assert.match(said, /^service nginx: state: "started"/m)
  assert.match(said, /^timer x: there is no option comand; did you mean "command"\?/m)
  assert.match(said, /^file \/etc\/x: mode: 5 is not possible/m)
  assert.not.match(said, /restartOn/)
})

test('an error of the list itself comes after what was bad before it', () => {
  const list = () => {
    untyped(service)({ name: 'nginx', state: 'started' })
    throw new InputError({ message: 'of its own' })
  }
  assert.match(
    message(() => collectProblems(list)),
    /"started"[\s\S]*of its own$/,
  )
  assert.throws(
    () =>
      collectProblems(() => {
        throw new TypeError('a bug')
      }),
    (error: unknown) => error instanceof TypeError,
  )
})

test('the second argument is checked, and no operation drops it', () => {
  assert.is(
    message(() => untyped(file)({ path, content: '' }, { tag: ['web'] })),
    'file /etc/x: its second argument: there is no option tag; did you mean "tags"?\n  it takes tags',
  )
  assert.match(
    message(() => untyped(file)({ path, content: '' }, { tags: 'web' })),
    /its second argument: tags: "web" is not possible\n {2}write \['web'\]/,
  )
  assert.match(
    message(() => untyped(file)({ path, content: '' }, ['web'])),
    /second argument: a list/,
  )
  assert.match(
    message(() => untyped(file)({ path, content: '' }, { tags: ['a,b'] })),
    /is not a tag/,
  )
  const settings = { 'log-driver': 'local' } as const
  for (const made of [
    docker.engine({ package: 'docker.io', settings }, { tags: ['web'] }),
    journal({}, { tags: ['web'] }),
    [timer({ name: 'x', state: 'absent' }, { tags: ['web'] })].flat(),
  ])
    assert.ok(made.every(({ tags }) => tags.includes('web')))
})

test('what is undefined counts as not given, also for what an operation completes', () => {
  const given = { path, content: 'x', mode: undefined, owner: undefined }
  assert.is((untyped(file)(given) as { id: string }).id, 'file /etc/x')
})

test('an operation that is made of others of its kind checks its own options only', () => {
  assert.is(
    message(() => docker.engine({ package: 'docker.io', settings: {} })),
    '',
  )
  assert.match(
    message(() => untyped(docker.engine)({ package: 'docker' })),
    /one of docker-ce, docker\.io/,
  )
})

test.run()
