import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Change } from '../../../lib/operation.ts'
import { computeFingerprint, parseKeyLine } from '../../../lib/operations/access/key-line.ts'
import { authorizedKeys } from '../../../lib/operations/authorizedKeys.ts'
import { makeOutput, nothingPending, plans } from '../../support/operations.ts'

const key = (name: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${name} ${name}@work`
const [a, b] = [key('anna'), key('boris')]
const user = 'anna:x:1001:1001::/home/anna:/bin/bash\n'
const folder = (mode = '700', uid = 1001) => `directory|${mode}|${uid}|1001|anna|anna|60\n`
const file = (lines: string, mode = '600') =>
  `regular file|${mode}|1001|1001|anna|anna|60\n${lines}`
const holds = (lines: string) => `${user}${folder()}${file(lines)}`
const want = { user: 'anna', keys: [a] }
const more = { ...want, exact: false }
const less = { ...want, state: 'absent' as const }
const fingerprint = (line: string) => {
  const parsed = parseKeyLine(line)
  return parsed ? computeFingerprint(parsed) : ''
}

plans(authorizedKeys, {
  'makes what is absent': [
    `${user}absent\nabsent\n`,
    want,
    [
      `keys: absent -> ${a}`,
      '.ssh owner: absent -> 1001',
      '.ssh mode: absent -> 700',
      '.ssh type: absent -> directory',
      'authorized_keys owner: absent -> 1001',
      'authorized_keys mode: absent -> 600',
      'authorized_keys type: absent -> file',
    ],
  ],
  'leaves what is right, comments apart': [holds(`# by hand\n\n${a}\n`), want, []],
  'takes away another key': [holds(`${a}\n${b}\n`), want, [`keys: ${a}\n${b} -> ${a}`]],
  'takes away another key though one is wanted twice': [
    holds(`${a}\n${b}\n`),
    { ...want, keys: [a, ` ${a}`] },
    [`keys: ${a}\n${b} -> ${a}`],
  ],
  'takes away the same key with other options': [
    holds(`restrict ${a}\n${a}\n`),
    { ...want, keys: [`restrict ${a}`] },
    [`keys: restrict ${a}\n${a} -> restrict ${a}`],
  ],
  'keeps comments where they are, and shows them': [
    holds(`# Boris\n${b}\n# Anna\n${a}\n`),
    want,
    [`keys: # Boris\n${b}\n# Anna\n${a} -> # Boris\n# Anna\n${a}`],
  ],
  'adds to what is there': [holds(`${b}\n`), more, [`keys: ${b} -> ${b}\n${a}`]],
  'knows a key by itself, not by its comment': [
    holds('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAanna laptop\n'),
    more,
    [],
  ],
  'restricts a key that is there without restrictions': [
    holds(`${b}\n${a}\n`),
    { ...more, keys: [`restrict,command="true" ${a}`] },
    [`keys: ${b}\n${a} -> ${b}\nrestrict,command="true" ${a}`],
  ],
  'widens a key that is there with restrictions': [
    holds(`from="10.0.0.1" ${a}\n`),
    more,
    [`keys: from="10.0.0.1" ${a} -> ${a}`],
  ],
  'a key in the options of another line is not that key': [
    holds(`command="echo ${a}" ${b}\n`),
    more,
    [`keys: command="echo ${a}" ${b} -> command="echo ${a}" ${b}\n${a}`],
  ],
  'takes one key out, with any options': [
    holds(`# both\n${b}\nrestrict ${a}\n`),
    less,
    [`keys: # both\n${b}\nrestrict ${a} -> # both\n${b}`],
  ],
  'leaves a file without the key as it is': [
    `${user}${folder('755')}${file(`${b}\n`, '644')}`,
    less,
    [],
  ],
  'needs no file to be without a key': [`${user}absent\nabsent\n`, less, []],
  'puts right the rights': [
    `${user}${folder('755', 0)}${file(`${a}\n`, '644')}`,
    want,
    ['.ssh owner: 0 -> 1001', '.ssh mode: 755 -> 700', 'authorized_keys mode: 644 -> 600'],
  ],
  'does not write through a symlink': [
    `${user}symbolic link|777|1001|1001|anna|anna|4\nabsent\n`,
    want,
    /is a symlink: nothing is written through it/,
  ],
  'replaces a symlink in the place of the file': [
    `${user}${folder()}symbolic link|777|1001|1001|anna|anna|4\n`,
    want,
    [`keys:  -> ${a}`, 'authorized_keys mode: 777 -> 600', 'authorized_keys type: symlink -> file'],
  ],
  'a missing user is unknown': [
    { exitCode: 1, stderr: 'no such user: anna' },
    want,
    /no such user: anna/,
  ],
  'an empty answer is unknown': ['', want, /the probe failed/],
})

const mine = `= login anna ${fingerprint(b)}\n`
plans(authorizedKeys, {
  'keeps the key that this run logged in with': [
    `${mine}${holds(`${a}\n${b}\n`)}`,
    want,
    /this run logged in with the key SHA256:\S+, which would be taken away/,
  ],
  'does not take it out either': [
    `${mine}${holds(`${a}\n${b}\n`)}`,
    { ...less, keys: [b] },
    /which would be taken away/,
  ],
  'does not restrict it to a command': [
    `${mine}${holds(`${a}\n${b}\n`)}`,
    { ...want, keys: [a, `command="true" ${b}`] },
    /which would be restricted/,
  ],
  'restricts it as far as this run does not care': [
    `${mine}${holds(`${a}\n${b}\n`)}`,
    { ...want, keys: [a, `no-agent-forwarding ${b}`] },
    [`keys: ${a}\n${b} -> ${a}\nno-agent-forwarding ${b}`],
  ],
  'leaves restrictions with which this run logged in': [
    `${mine}${holds(`from="10.0.0.0/8" ${b}\n`)}`,
    { ...want, keys: [a, `from="10.0.0.0/8" ${b}`] },
    [`keys: from="10.0.0.0/8" ${b} -> from="10.0.0.0/8" ${b}\n${a}`],
  ],
  'takes it from another account': [
    `= login ops ${fingerprint(b)}\n${holds(`${a}\n${b}\n`)}`,
    want,
    [`keys: ${a}\n${b} -> ${a}`],
  ],
  'a login that does not depend on the file may change it': [
    `${mine}${holds('')}`,
    want,
    [`keys:  -> ${a}`],
  ],
  'what waits to be taken back is written again': [
    `${mine}= unproven\n${holds(`${a}\n`)}`,
    want,
    ['login: unproven -> proven'],
  ],
})

/** what the host says of the account -> why a login would be refused */
const refusals: Record<string, [facts: string, why: RegExp, keys?: string]> = {
  'a home of another user': ['home 1002 755', /home folder belongs to uid 1002/],
  'a home that others may write to': ['home 1001 775', /others may write to the home/],
  'an account that has expired': ['account expired', /chage --expiredate -1 anna/],
  'a password that must be changed': ['account must change its password', /chage --lastday/],
  'a shell that is missing': ['shell /bin/fish missing', /shell .bin.fish does not exist/],
  'a shell that lets nobody in': ['shell /usr/sbin/nologin', /its shell is .usr.sbin.nologin/],
  'a locked account without PAM': ['password !\n= usepam no', /refuses without PAM/],
  'keys are not accepted': ['pubkeyauthentication no', /PubkeyAuthentication no/],
  'keys are read elsewhere': ['authorizedkeysfile /etc/keys/%u', /sshd reads .etc.keys.%u/],
  'other users alone': ['allowusers ops root@10.*', /not allow it by AllowUsers/],
  'a user that is denied': ['denyusers ann?', /DenyUsers/],
  'a group that is denied': ['groups anna staff\n= denygroups staff', /DenyGroups/],
  'other groups alone': ['groups anna\n= allowgroups ops', /AllowGroups/],
  'further keys in another file': ['also /home/anna/.ssh/authorized_keys2', /sshd also reads/],
}
for (const [title, [facts, why]] of Object.entries(refusals))
  plans(authorizedKeys, { [title]: [`= ${facts}\n${holds(`${a}\n`)}`, want, why] })

/** what the host says of the account, and a login succeeds all the same */
const accepted: Record<string, [facts: string, want?: Parameters<typeof authorizedKeys>[0]]> = {
  'a home of root': ['home 0 755'],
  'a home of another user, if sshd does not care': ['strictmodes no\n= home 1002 777'],
  'a locked account with PAM': ['password !\n= usepam yes'],
  'the user by a pattern with a host': ['allowusers anna@10.*'],
  'a user denied from one host': ['denyusers anna@10.0.0.1'],
  'files among which is the usual one': ['authorizedkeysfile %h/.ssh/authorized_keys\n= reads it'],
  'further keys where others may be': ['also /etc/keys/anna', more],
  'nologin, if sshd serves files alone': ['shell /usr/sbin/nologin\n= forcecommand internal-sftp'],
}
for (const [title, [facts, wanted = want]] of Object.entries(accepted))
  plans(authorizedKeys, { [title]: [`= ${facts}\n${holds(`${a}\n`)}`, wanted, []] })
plans(authorizedKeys, {
  'nologin, for a key with a command': [
    `= shell /usr/sbin/nologin\n${holds(`restrict,command="backup" ${a}\n`)}`,
    { ...want, keys: [`restrict,command="backup" ${a}`] },
    [],
  ],
})

const change = (printed: string, wanted: Parameters<typeof authorizedKeys>[0] = want) =>
  authorizedKeys(wanted).decide(makeOutput(printed), nothingPending) as Change
test('keys travel as stdin', () =>
  assert.is(String(change(`${user}absent\nabsent\n`).stdin), `${a}\n`))
test('a change of this login alone is proven by a new one', () => {
  assert.is(change(`= login anna none\n${holds(`${b}\n`)}`).provenByLogin, true)
  assert.is(change(`= login ops none\n${holds(`${b}\n`)}`).provenByLogin, undefined)
})
test('comments in another encoding stay byte by byte', () => {
  const bytes = Buffer.concat([Buffer.from(holds('# caf')), Buffer.from([0xe9, 10])])
  const plan = authorizedKeys(want).decide(makeOutput({ stdout: bytes }), nothingPending) as Change
  assert.equal(
    plan.stdin,
    Buffer.concat([Buffer.from('# caf'), Buffer.from([0xe9]), Buffer.from(`\n${a}\n`)]),
  )
})
test('keys to be removed have a name of their own', () =>
  assert.is(authorizedKeys(less).id, 'authorizedKeys anna without anna@work'))
test('bad keys are errors at once', () => {
  assert.throws(
    () => authorizedKeys({ user: 'anna', keys: ['ssh-rsa nonsense'] }),
    /not a public key/,
  )
  assert.throws(() => authorizedKeys({ user: 'anna', keys: [`${a}\n${b}`] }), /not a public key/)
  assert.throws(() => authorizedKeys({ user: 'anna', keys: [] }), /nobody could log in/)
})

test.run()
