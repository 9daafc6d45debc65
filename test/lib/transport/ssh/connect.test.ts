import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, connect as dialTo, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Secret } from '../../../../lib/secret.ts'
import { type Connection, Unreachable } from '../../../../lib/transport/connection.ts'
import { connect } from '../../../../lib/transport/ssh/connect.ts'
import { createKeyring } from '../../../../lib/transport/ssh/keyring.ts'
import { fingerprint } from '../../../../lib/transport/ssh/known-hosts.ts'
import { Rejected } from '../../../../lib/transport/ssh/rejected-error.ts'
import type { Target } from '../../../../lib/transport/ssh/target.ts'
import { skip } from '../../../../scripts/test/skip.ts'
import {
  explainMissingSshd,
  findFreePort,
  generateKey,
  type Sshd,
  startSshd,
} from '../../../support/sshd.ts'

let sshd: Sshd
test.before(async () => {
  const missing = explainMissingSshd()
  if (missing) skip(missing)
  sshd = await startSshd()
})
test.after(() => sshd?.stop())

const using = async <T>(
  target: Target,
  work: (connection: Connection) => Promise<T>,
  options = {},
): Promise<T> => {
  const connection = await connect(target, options)
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}
const output = async (connection: Connection, command: string) => {
  const { stdout, stderr, exit } = await connection.start(command)
  const [out, err] = await Promise.all([text(stdout), text(stderr)])
  return { out, err, ...(await exit) }
}
const refusal = async (target: Target, options = {}): Promise<Unreachable> => {
  try {
    await (await connect(target, options)).close()
  } catch (error) {
    assert.instance(error, Unreachable)
    return error as Unreachable
  }
  throw new Error('connected, against all rules')
}
const blob = (line: string) => Buffer.from(line.split(' ')[1] ?? '', 'base64')
const file = (name: string, content: string): string => {
  const path = join(sshd.dir, name)
  writeFileSync(path, content)
  return path
}

test('runs a command with the right key: output untrimmed, both pipes, the exit code', async () => {
  const result = await using(sshd.target, it =>
    output(it, 'printf " a \\n\\n"; printf err >&2; exit 3'),
  )
  assert.equal(result, { out: ' a \n\n', err: 'err', code: 3, signal: null })
})
test('feeds stdin and ends it', async () => {
  await using(sshd.target, async it => {
    const process = await it.start('cat')
    process.stdin.end('in\n')
    assert.is(await text(process.stdout), 'in\n')
    assert.equal(await process.exit, { code: 0, signal: null })
  })
})
test('tells the signal that ended a process', async () => {
  const result = await using(sshd.target, it => output(it, 'kill -TERM $$'))
  assert.equal([result.code, result.signal], [null, 'SIGTERM'])
})
test('10 MB of output arrive whole', async () => {
  const sum = await using(sshd.target, async it => {
    const { stdout } = await it.start("head -c 10000000 /dev/zero | tr '\\000' x")
    let bytes = 0
    for await (const chunk of stdout) bytes += (chunk as Buffer).length
    return bytes
  })
  assert.is(sum, 10_000_000)
})
test('thirty commands at once all run: no more channels than sshd allows', async () => {
  const all = await using(sshd.target, it =>
    Promise.all(Array.from({ length: 30 }, (_, i) => output(it, `echo ${i}`))),
  )
  assert.equal(
    all.map(({ out }) => out.trim()),
    Array.from({ length: 30 }, (_, i) => String(i)),
  )
})
test('a channel that a host refuses is asked for again: it may count one that ended', async () => {
  // As a busy sshd that has not cleared away a session whose end the client has seen.
  const narrow = await startSshd({ config: ['MaxSessions 2'] })
  try {
    const all = await using(narrow.target, it =>
      Promise.all(Array.from({ length: 6 }, (_, i) => output(it, `sleep 0.2; echo ${i}`))),
    )
    assert.equal(
      all.map(({ out }) => out.trim()),
      ['0', '1', '2', '3', '4', '5'],
    )
  } finally {
    await narrow.stop()
  }
})
test('an unknown host key is refused with its fingerprint and the way to enrol it', async () => {
  const error = await refusal({ ...sshd.target, knownHosts: [file('empty', '')] })
  assert.instance(error, Rejected)
  assert.match(
    error.message,
    /^web1: host key unknown: \[127\.0\.0\.1\]:\d+ shows ssh-ed25519 SHA256:/,
  )
  assert.ok(error.message.includes(fingerprint(blob(await sshd.publicKey('ed25519')))))
  assert.match(error.next ?? '', /: npx zx scripts\/enrol\.ts web1$/)
})
test('the way to enrol a key names the inventory that was named with -i', async () => {
  const of = async (inventory: string) =>
    (await refusal({ ...sshd.target, inventory, knownHosts: [file('empty', '')] })).next ?? ''
  assert.match(await of('hosts/x.yaml'), / scripts\/enrol\.ts -i hosts\/x\.yaml web1$/)
  assert.match(await of('a b.yaml'), / scripts\/enrol\.ts -i 'a b\.yaml' web1$/)
})
test('a known_hosts file that does not exist knows nothing', async () =>
  assert.match(
    (await refusal({ ...sshd.target, knownHosts: ['/nonexistent/known_hosts'] })).message,
    'host key unknown',
  ))
test('the key types that are known are asked for: only the ecdsa key is known', async () => {
  const knownHosts = [
    file('ecdsa', `[${sshd.address}]:${sshd.port} ${await sshd.publicKey('ecdsa')}\n`),
  ]
  assert.is((await using({ ...sshd.target, knownHosts }, it => output(it, 'echo in'))).out, 'in\n')
})
test('hashed lines are known', async () => {
  const path = file('hashed', readFileSync(sshd.knownHosts, 'utf8'))
  execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' })
  assert.not.match(readFileSync(path, 'utf8'), '127.0.0.1')
  assert.is(
    (await using({ ...sshd.target, knownHosts: [path] }, it => output(it, 'echo in'))).out,
    'in\n',
  )
})
test('a changed host key is refused with the old line and both fingerprints', async () => {
  await generateKey(join(sshd.dir, 'other'))
  const other = readFileSync(join(sshd.dir, 'other.pub'), 'utf8').trim()
  const path = file('changed', `# one\n[${sshd.address}]:${sshd.port} ${other}\n`)
  const error = await refusal({ ...sshd.target, knownHosts: [path] })
  assert.instance(error, Rejected)
  assert.match(error.message, 'host key CHANGED')
  for (const part of [
    `${path}:2`,
    fingerprint(blob(await sshd.publicKey('ed25519'))),
    fingerprint(Buffer.from(other.split(' ')[1] ?? '', 'base64')),
  ])
    assert.ok(error.message.includes(part), `${part} in ${error.message}`)
  assert.match(error.next ?? '', '--replace')
})
test('a host whose known key type is gone has changed, not become unknown', async () => {
  await generateKey(join(sshd.dir, 'gone'), 'rsa')
  const line = readFileSync(join(sshd.dir, 'gone.pub'), 'utf8')
  const error = await refusal({
    ...sshd.target,
    knownHosts: [file('gone-known', `[${sshd.address}]:${sshd.port} ${line}`)],
  })
  assert.match(error.message, /CHANGED: it shows ssh-ed25519 .* has ssh-rsa/)
})
test('a revoked host key is refused though it is known', async () => {
  const path = file('revoked', readFileSync(sshd.knownHosts, 'utf8'))
  appendFileSync(path, `@revoked * ${await sshd.publicKey('ed25519')}\n`)
  const error = await refusal({ ...sshd.target, knownHosts: [path] })
  assert.match(error.message, new RegExp(`host key revoked: ${path}:3 revokes ssh-ed25519`))
})

test('a wrong user key is refused with what was tried, where, and what is accepted', async () => {
  const wrong = join(sshd.dir, 'wrong')
  await generateKey(wrong)
  const error = await refusal({ ...sshd.target, identityFiles: [wrong, '/nonexistent/key'] })
  assert.instance(error, Rejected)
  assert.match(
    error.message,
    `login refused by ${sshd.target.user}@127.0.0.1:${sshd.port}: tried ${wrong}; it accepts publickey; /nonexistent/key: no such file`,
  )
})
test('an encrypted key: the passphrase is asked once for several hosts', async () => {
  const path = join(sshd.dir, 'locked')
  await generateKey(path, 'ed25519', 'a phrase')
  appendFileSync(join(sshd.dir, 'authorized_keys'), readFileSync(`${path}.pub`))
  const asked: string[] = []
  const keys = createKeyring({
    ask: async question => {
      asked.push(question)
      return new Secret(asked.length === 1 ? 'wrong' : 'a phrase', 'passphrase')
    },
  })
  const target = { ...sshd.target, identityFiles: [path] }
  const outputs = await Promise.all(
    [1, 2, 3].map(() => using(target, it => output(it, 'echo in'), { keys })),
  )
  assert.equal(
    outputs.map(({ out }) => out),
    ['in\n', 'in\n', 'in\n'],
  )
  assert.equal(asked, [`Passphrase of ${path}`, `Passphrase of ${path}`], 'once wrong, once right')
  const error = await refusal(target)
  assert.match(error.message, `${path}: encrypted, and not in the agent`)
})
test('no passphrase is asked for a key that the host does not take', async () => {
  const path = join(sshd.dir, 'locked-unwanted')
  await generateKey(path, 'ed25519', 'a phrase')
  const ask = async () => assert.unreachable('asked') as never
  assert.match(
    (await refusal({ ...sshd.target, identityFiles: [path] }, { keys: createKeyring({ ask }) }))
      .message,
    'login refused',
  )
})
test('the time a person thinks is not counted', async () => {
  const path = join(sshd.dir, 'locked')
  const ask = async () => {
    await new Promise(resolve => setTimeout(resolve, 1500))
    return new Secret('a phrase', 'passphrase')
  }
  const { out } = await using(
    { ...sshd.target, identityFiles: [path] },
    it => output(it, 'echo in'),
    {
      keys: createKeyring({ ask }),
      seconds: 1,
    },
  )
  assert.is(out, 'in\n')
})
test('a passphrase wrong three times ends the login', async () => {
  const path = join(sshd.dir, 'locked')
  const ask = async () => new Secret('no', 'passphrase')
  const error = await refusal(
    { ...sshd.target, identityFiles: [path] },
    { keys: createKeyring({ ask }) },
  )
  assert.match(error.message, 'wrong three times')
  assert.not.match(error.message, ' no ')
})
test('the agent signs', async () => {
  const socket = join(sshd.dir, 'agent')
  const started = execFileSync('ssh-agent', ['-a', socket]).toString()
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1])
  try {
    execFileSync('ssh-add', ['-q', sshd.userKey], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
      stdio: 'ignore',
    })
    const { identityFiles: _, ...target } = { ...sshd.target, agent: socket }
    assert.is((await using(target, it => output(it, 'echo in'))).out, 'in\n')
  } finally {
    process.kill(pid)
  }
})
test('an agent that is gone is told', async () => {
  const error = await refusal({ ...sshd.target, agent: '/nonexistent/agent', identityFiles: [] })
  assert.match(error.message, /tried no key; .*no agent at \/nonexistent\/agent/)
})

test('nobody listens', async () => {
  const port = await findFreePort()
  const knownHosts = [file('refused', '')]
  const error = await refusal({ ...sshd.target, port, knownHosts })
  assert.not.instance(error, Rejected)
  assert.is(error.message, `web1: connection refused by 127.0.0.1:${port}`)
})
test('a name that does not exist', async () => {
  const error = await refusal({ ...sshd.target, address: 'no-such-host.invalid' })
  assert.match(
    error.message,
    /the name no-such-host\.invalid (does not exist|could not be looked up)/,
  )
})
test('what listens is silent, or not sshd', async () => {
  const sockets: Socket[] = []
  const server = createServer(socket => void sockets.push(socket)).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const port = (server.address() as { port: number }).port
  try {
    assert.match(
      (await refusal({ ...sshd.target, port }, { seconds: 1 })).message,
      'answers, but the SSH handshake did not end in 1 s',
    )
    server.removeAllListeners('connection').on('connection', socket => socket.end())
    assert.match(
      (await refusal({ ...sshd.target, port })).message,
      'closed the connection before the login',
    )
    server
      .removeAllListeners('connection')
      .on('connection', socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    assert.match((await refusal({ ...sshd.target, port })).message, `127.0.0.1:${port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})

test('a link cut while a command runs gives an exit of nulls and the end of stdout', async () => {
  const wire = await proxy(sshd)
  const name = `[127.0.0.1]:${wire.port}`
  const knownHosts = [file('proxied', `${name} ${await sshd.publicKey('ed25519')}\n`)]
  const connection = await connect({ ...sshd.target, port: wire.port, knownHosts })
  const { stdout, exit } = await connection.start('echo started; sleep 60')
  const seen: string[] = []
  for await (const chunk of stdout) {
    seen.push(String(chunk))
    wire.cut()
  }
  assert.equal(seen, ['started\n'])
  assert.equal(await exit, { code: null, signal: null })
  const again = await connection.start('true').catch((error: unknown) => error)
  assert.instance(again, Unreachable)
  await connection.close()
  wire.close()
})
test('a session that is killed on the host is a lost link, also when nobody reads', async () => {
  const other = await startSshd()
  try {
    const connection = await connect(other.target)
    const { exit } = await connection.start('echo unread; sleep 60')
    for (const pid of await other.sessions()) process.kill(pid, 'SIGKILL')
    assert.equal(await exit, { code: null, signal: null })
    await connection.close()
  } finally {
    await other.stop()
  }
})
test('a closed connection starts nothing, and closing again does no harm', async () => {
  const connection = await connect(sshd.target)
  await connection.close()
  await connection.close()
  assert.instance(await connection.start('true').catch((error: unknown) => error), Unreachable)
})
test('a banner is not in the output', async () => {
  const banner = file('banner', 'Go away\n')
  const other = await startSshd({ config: [`Banner ${banner}`] })
  try {
    assert.equal(await using(other.target, it => output(it, 'echo in')), {
      out: 'in\n',
      err: '',
      code: 0,
      signal: null,
    })
  } finally {
    await other.stop()
  }
})

test('through two jump hosts, each of which is verified', async () => {
  const [first, second] = await Promise.all([
    startSshd({ address: '127.0.0.2' }),
    startSshd({ address: '127.0.0.3' }),
  ])
  const jumps = [
    { ...first.target, host: 'first' },
    { ...second.target, host: 'second' },
  ]
  try {
    assert.is((await using({ ...sshd.target, jumps }, it => output(it, 'echo in'))).out, 'in\n')
    const nobody = [file('nobody', '')]
    for (const [i, hop] of jumps.entries()) {
      const error = await refusal({
        ...sshd.target,
        jumps: jumps.map((jump, at) => (at === i ? { ...jump, knownHosts: nobody } : jump)),
      })
      assert.instance(error, Rejected)
      assert.match(error.message, new RegExp(`^web1: .*jump host ${hop.host}: host key unknown`))
      assert.match(error.next ?? '', `scripts/enrol.ts ${hop.host}`)
    }
    assert.match(
      (await refusal({ ...sshd.target, jumps, knownHosts: nobody })).message,
      /^web1: host key unknown/,
    )
    const port = await findFreePort()
    assert.match(
      (await refusal({ ...sshd.target, jumps, port })).message,
      new RegExp(`^web1: jump host second cannot reach 127.0.0.1:${port}: .*refused`, 'i'),
    )
  } finally {
    await Promise.all([first.stop(), second.stop()])
  }
})
test('a jump host that forbids forwarding says so', async () => {
  const jump = await startSshd({ config: ['AllowTcpForwarding no'] })
  try {
    const error = await refusal({ ...sshd.target, jumps: [{ ...jump.target, host: 'bastion' }] })
    assert.match(error.message, /jump host bastion cannot reach .*prohibits forwarding/)
    assert.match(error.next ?? '', 'AllowTcpForwarding')
  } finally {
    await jump.stop()
  }
})

/** A TCP proxy in front of an sshd, whose wires can be cut. */
const proxy = async (behind: Sshd) => {
  const sockets: Socket[] = []
  const server = createServer(near => {
    const far = dialTo(behind.port, behind.address)
    sockets.push(near, far)
    for (const socket of [near, far]) socket.on('error', () => {})
    near.pipe(far).pipe(near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as { port: number }).port, cut, close: () => server.close() }
}

test.run()
