import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hashInputs, type TransientJob } from '../../../../lib/operations/job/wanted.ts'
import { job } from '../../../../lib/operations/job.ts'
import { Secret } from '../../../../lib/secret.ts'
import { sh } from '../../../../lib/sh.ts'
import { makeOutput, nothingPending, plans, refuses, settles } from '../../../support/operations.ts'
import { sandboxOperation } from '../../../support/sandbox.ts'

const want: TransientJob = { name: 'night', run: sh`echo work`, cleanUp: sh`echo cleaned` }
const inputs = hashInputs(want)
const [began, ended] = ['2026-11-28T01:00:00Z', '2026-11-28T02:00:00Z']

/** What the probe prints of a job. */
const printed = (unit: string, record: readonly string[], said?: string): string =>
  [
    `unit=${unit}`,
    'booted=b1',
    ...record,
    ...(said === undefined ? [] : ['said=', said]),
    'end',
    '',
  ].join('\n')
const of = (hash: string, boot = 'b1') => [`inputs=${hash}`, `boot=${boot}`, `began=${began}`]
const end = (how: string, cleanUp = '0') => [`ended=${ended}`, `how=${how}`, `cleanUp=${cleanUp}`]
const run = 'run: absent -> echo work'
const failed = (how: string, cleanUp?: string) =>
  printed('dead', [...of(inputs), ...end(how, cleanUp)], 'no room')

plans(job.transient, {
  'was never run': [printed('dead', ['never']), want, ['job: absent -> done', run]],
  'has done its work': [printed('dead', [...of(inputs), ...end('success exited 0')]), want, []],
  'is asked for once more': [
    printed('dead', [...of(inputs), ...end('success exited 0')]),
    { ...want, rerun: 'Monday' },
    [`job: done ${ended}, with other inputs -> done, for Monday`, run],
  ],
  'has done other work': [
    printed('dead', [...of('0123'), ...end('success exited 0')]),
    want,
    [`job: done ${ended}, with other inputs -> done`, run],
  ],
  'failed at other work': [
    printed('dead', [...of('0123'), ...end('exit-code exited 3')], 'no room'),
    want,
    ['job: failed: exit 3, with other inputs -> done', run],
  ],
  'is running': [
    printed('live', [`runs=${inputs}`, ...of(inputs)]),
    want,
    [`job: running since ${began} -> done`],
  ],
  'has just begun': [
    printed('live', [`runs=${inputs}`, ...of('0123'), ...end('success exited 0')]),
    want,
    ['job: running -> done'],
  ],
  'runs with other inputs': [
    printed('live', ['runs=0123', ...of('0123')]),
    want,
    /^brd-job-night\.service runs with other inputs, since 2026-11-28T01:00:00Z$/,
  ],
  'was ended by a reboot': [
    printed('dead', of(inputs, 'b0')),
    want,
    [`job: begun ${began}, ended by a reboot -> done`, run],
  ],
  'ended without a word': [printed('dead', of(inputs), ''), want, /how could not be recorded/],
  'failed with an exit status': [failed('exit-code exited 3'), want, /failed: exit 3$/],
  'was ended by a signal': [failed('signal killed KILL'), want, /ended by SIGKILL$/],
  'was stopped': [failed('success killed TERM'), want, /ended by SIGTERM$/],
  'took too long': [failed('timeout killed TERM'), want, /ended by its time limit$/],
  'took too much': [failed('oom-kill killed KILL'), want, /ended for lack of memory$/],
  'could not begin': [failed('resources  '), want, /could not begin: resources$/],
  'its clean-up failed': [
    failed('success exited 0', '4'),
    want,
    /service its clean-up failed: exit 4/,
  ],
  'its clean-up took too long': [
    failed('exit-code exited 1', 'running'),
    want,
    /failed: exit 1; its clean-up did not end$/,
  ],
  'a failed probe is not "never"': [{ exitCode: 74, stderr: 'I/O error' }, want, /I\/O error/],
  'half an answer is none': ['unit=dead\nbooted=b1\nnever\n', want, /the probe failed/],
  'a record of others is not understood': [printed('dead', ['hello']), want, /not understood/],
})

test('a failed job says its last lines, and what to do', () => {
  const plan = job.transient(want).decide(makeOutput(failed('exit-code exited 3')), nothingPending)
  assert.ok(plan && 'next' in plan && 'stderr' in plan)
  assert.is(plan.stderr, 'no room')
  assert.match(String(plan.next), /another text of `rerun`.*state: 'absent'/)
})

test('what runs with other inputs is ended by its name', () => {
  const out = makeOutput(printed('live', ['runs=0123', ...of('0123')]))
  const plan = job.transient(want).decide(out, nothingPending)
  assert.ok(plan && 'next' in plan)
  assert.match(String(plan.next), /systemctl stop brd-job-night\.service, or job\.transient\(/)
})

const secret = new Secret('s3cr3t value', 'stage/key')
const withSecret: TransientJob = {
  ...want,
  secrets: { key: secret },
  hmac: (purpose, { name }) => `hmac of ${purpose} ${name}`,
}

test('a secret goes by stdin alone, and its keyed hash is one of the inputs', () => {
  const never = makeOutput(printed('dead', ['never']))
  const plan = job.transient(withSecret).decide(never, nothingPending)
  assert.ok(plan && 'apply' in plan)
  assert.not.match(JSON.stringify(plan), /s3cr3t|czNjcjN0/)
  assert.is.not(hashInputs(withSecret), inputs)
  assert.is.not(hashInputs({ ...withSecret, hmac: () => 'another' }), hashInputs(withSecret))
})

test('limits are no inputs', () =>
  assert.is(
    hashInputs({ ...want, timeoutSeconds: 9, memoryMax: '1G', nice: 5, ioSchedulingClass: 'idle' }),
    inputs,
  ))

const wrong: Record<string, [Partial<TransientJob>, RegExp]> = {
  'a name with a slash': [{ name: 'a/b' }, /cannot be a job's name/],
  'a name that begins with a dash': [{ name: '-a' }, /cannot be a job's name/],
  'no work': [{ run: sh` ` }, /a command is expected/],
  'a text of two lines': [{ rerun: 'a\nb' }, /must be one line/],
  'half a byte': [{ memoryMax: '1.5G' as '1G' }, /is not a size/],
  'a priority out of range': [{ nice: 20 }, /nice: 20 is not possible\n.*, -20 to 19/],
  'a path for a secret': [
    { ...withSecret, secrets: { '../x': secret } } as object,
    /secret's file/,
  ],
}
for (const [title, [more, message]] of Object.entries(wrong))
  test(`refused: ${title}`, () =>
    assert.throws(() => job.transient({ ...want, ...more } as TransientJob), message))

/**
 * A systemd with one unit at most, which runs what it is given: the unit is live until its process
 * and what comes after it have ended. `hold`: the unit is live although its process has ended.
 */
const systemd = {
  'systemd-run': `echo "$*" >>"$FOLDER/log"
[ ! -e "$FOLDER/unit" ] || { echo 'Unit was already loaded' >&2; exit 1; }
for word; do case $word in
  --property=ExecStopPost=*) after=\${word#--property=ExecStopPost=} ;;
  --description=*) echo "\${word#*=}" >"$FOLDER/unit" ;;
esac; done
while case $1 in --*) ;; *) false ;; esac; do shift; done
export INVOCATION_ID=0123456789abcdef
{
  "$@" >>"$FOLDER/journal" 2>&1 </dev/null; EXIT_STATUS=$?
  SERVICE_RESULT=success; [ $EXIT_STATUS = 0 ] || SERVICE_RESULT=exit-code
  EXIT_CODE=exited; export SERVICE_RESULT EXIT_CODE EXIT_STATUS
  $after >>"$FOLDER/journal" 2>&1
  rm -f "$FOLDER/unit"
} >/dev/null 2>&1 &`,
  systemctl: `case $1 in
  --version) echo "systemd \${VERSION:-252} (252.1)" ;;
  show) case $* in
    *InvocationID*) echo 0123456789abcdef ;;
    *) if [ -e "$FOLDER/unit" ]; then
        echo "Description=$(cat "$FOLDER/unit")"; echo ActiveState=active
      else echo Description=brd-job-night.service; echo ActiveState=inactive; fi ;;
    esac ;;
  stop) echo "$*" >>"$FOLDER/log"; rm -f "$FOLDER/unit" ;;
  reset-failed) ;;
  *) echo "no systemctl $1 here" >&2; exit 1 ;;
esac`,
  journalctl: `case $* in *--sync* | *--cursor-file*) ;; *) cat "$FOLDER/journal" ;; esac`,
}
const folders = ['/var/lib/brd', '/run/brd', '/run/systemd/system']
const here = (folder: string, more: object = {}) =>
  sandboxOperation(job.transient({ ...want, ...more } as TransientJob), folder, folders)
const record = (folder: string) => join(folder, 'var/lib/brd/transient/night')
const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const write = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const boot = (folder: string, kept?: readonly string[]) => {
  mkdirSync(`${folder}/run/systemd/system`, { recursive: true })
  if (kept) write(record(folder), `${kept.join('\n')}\n`)
}
const count = (folder: string) => read(`${folder}/log`).split('--unit=').length - 1
const thisBoot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

settles(
  'a job does its work, cleans up, and leaves its record alone',
  folder => here(folder, { run: sh`progress '{"done":1}'; echo work`, memoryMax: '64M', nice: 5 }),
  {
    tools: systemd,
    before: boot,
    after: folder => {
      const log = read(`${folder}/log`)
      assert.match(log, /--property=RuntimeMaxSec=3600 .*--property=MemoryMax=64M .*=Nice=5 /)
      assert.match(log, /^--quiet --collect .*--service-type=exec --unit=brd-job-night\.service /)
      assert.is(read(`${folder}/journal`), 'work\ncleaned\n')
      assert.match(
        read(record(folder)),
        new RegExp(
          `^inputs=.*\nboot=.*\ninvocation=0123456789abcdef\nbegan=.*\nended=.*\n` +
            'how=success exited 0\ncleanUp=0\nprogress={"done":1}\n$',
        ),
      )
      assert.not(existsSync(`${folder}/run/brd/jobs/night`))
    },
  },
)
settles(
  'the secret is a file for root while it runs',
  folder =>
    here(folder, {
      ...withSecret,
      run: sh`cd "$CREDENTIALS_DIRECTORY"; ls -ln . | grep -c '^-rw------- '; cat key; echo`,
      cleanUp: sh`cat "$CREDENTIALS_DIRECTORY/key"`,
    }),
  {
    tools: systemd,
    before: boot,
    after: folder => {
      assert.is(read(`${folder}/journal`), '1\ns3cr3t value\ns3cr3t value')
      assert.match(read(`${folder}/log`), /--property=LoadCredential=key:\S+\/secrets\/key /)
      assert.not.match(read(`${folder}/log`), /s3cr3t|czNjcjN0/)
    },
  },
)
settles('an older systemd gets no LoadCredential', folder => here(folder, withSecret), {
  tools: { ...systemd, systemctl: `VERSION=245\n${systemd.systemctl}` },
  before: boot,
  after: folder => assert.not.match(read(`${folder}/log`), /LoadCredential/),
})
settles('what a reboot ended is begun again', folder => here(folder), {
  tools: systemd,
  before: folder => boot(folder, of(inputs, 'an-earlier-one')),
  after: folder => assert.is(count(folder), 1),
})
// It ends when the journal was read.
const endsOnceRead = {
  ...systemd,
  journalctl: `[ ! -e "$FOLDER/unit" ] || {
  printf '%s\\n' ${end('success exited 0')
    .map(line => `'${line}'`)
    .join(' ')} \\
    >>"$FOLDER/var/lib/brd/transient/night"
  rm "$FOLDER/unit"
}`,
}
settles('one that runs is watched to its end, and not begun again', folder => here(folder), {
  tools: endsOnceRead,
  before: folder => {
    boot(folder, of(inputs, thisBoot))
    write(`${folder}/unit`, `job night of brd, inputs ${inputs}\n`)
  },
  after: folder => assert.is(count(folder), 0),
})
const rerun = `the run after that of ${began}`
settles('so is one that a request has begun', folder => here(folder, { rerun }), {
  tools: endsOnceRead,
  before: folder => {
    const again = hashInputs({ ...want, rerun })
    boot(folder, of(again, thisBoot))
    write(`${folder}/unit`, `job night of brd, for ${rerun}, inputs ${again}\n`)
  },
  after: folder => assert.is(count(folder), 0),
})
refuses('other work that runs', folder => here(folder), /runs with other inputs.*systemctl stop/, {
  tools: systemd,
  before: folder => {
    boot(folder, of('0123', thisBoot))
    write(`${folder}/unit`, 'job night of brd, inputs 0123\n')
  },
  after: folder => assert.equal([count(folder), existsSync(`${folder}/unit`)], [0, true]),
})
refuses(
  'work that fails',
  folder => here(folder, { run: sh`echo no room; exit 3` }),
  /brd-job-night\.service failed: exit 3.*no room/,
  {
    tools: systemd,
    before: boot,
    after: folder => {
      assert.match(read(record(folder)), /how=exit-code exited 3\ncleanUp=0\n/)
      assert.match(read(`${folder}/journal`), /cleaned/)
    },
  },
)
refuses(
  'a clean-up that fails',
  folder => here(folder, { cleanUp: sh`exit 4` }),
  /its clean-up failed: exit 4/,
  { tools: systemd, before: boot },
)
refuses('a unit that systemd does not take', folder => here(folder), /Unknown assignment/, {
  tools: { ...systemd, 'systemd-run': 'echo "Unknown assignment: Nice" >&2; exit 1' },
  before: boot,
  after: folder => assert.not(existsSync(record(folder))),
})
refuses('a host without systemd', folder => here(folder), /systemd does not run on this host/, {
  tools: systemd,
  after: folder => assert.not(existsSync(record(folder))),
})
refuses('a record that cannot be read is not "never"', folder => here(folder), /cannot be read/, {
  tools: systemd,
  before: folder => {
    boot(folder)
    mkdirSync(record(folder), { recursive: true })
  },
  after: folder => assert.is(count(folder), 0),
})

settles(
  'an absent job is stopped and forgotten',
  folder => sandboxOperation(job.transient({ name: 'night', state: 'absent' }), folder, folders),
  {
    tools: systemd,
    before: folder => {
      boot(folder, of('0123', thisBoot))
      write(`${folder}/unit`, 'job night of brd, inputs 0123\n')
      write(`${folder}/run/brd/jobs/night/progress`, '{}\n')
    },
    after: folder => {
      assert.match(read(`${folder}/log`), /^stop -- brd-job-night\.service\n$/)
      assert.equal(
        [record(folder), `${folder}/unit`, `${folder}/run/brd/jobs/night`].map(existsSync),
        [false, false, false],
      )
      rmSync(`${folder}/log`)
    },
  },
)

test.run()
