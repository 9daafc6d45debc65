import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Mail, renderMail } from '../../../../lib/verification/delivery/render-mail.ts'
import { sendMail } from '../../../../lib/verification/delivery/send-mail.ts'

const test = suite('mail through sendmail')

const mail: Mail = {
  to: ['ops@example.org', 'root'],
  from: 'backups@example.org',
  subject: 'Backups: stage FAIL',
  body: 'stage NOT restorable.\n.\nFrom here on.',
  date: new Date('2026-11-28T03:16:07Z'),
}

let folder = ''
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'brdtest-mail-'))
})
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** A program in place of sendmail. */
const write = (script: string): string => {
  const program = join(folder, 'sendmail')
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  return program
}
const explain = async (sent: Promise<string>): Promise<string> => {
  try {
    return `went well: ${await sent}`
  } catch (error) {
    return (error as Error).message.replace(`${folder}/`, '')
  }
}

test('a mail is rendered whole', () =>
  assert.is(
    renderMail(mail),
    `From: backups@example.org
To: ops@example.org,
 root
Subject: Backups: stage FAIL
Date: Sat, 28 Nov 2026 03:16:07 +0000
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

stage NOT restorable.
.
From here on.
`,
  ))

const headers = (text: string): string => text.slice(0, text.indexOf('\n\n'))

test('a subject cannot add headers, nor pass itself off as an encoded word', () => {
  const inject = renderMail({ ...mail, subject: 'a\r\nBcc: evil@example.org\r\n\r\nbody' })
  assert.not.match(headers(inject), /^Bcc/m)
  assert.match(inject, /^MIME-Version/m)
  assert.match(renderMail({ ...mail, subject: 'a\n\nBcc: b' }), /^Subject: a Bcc: b$/m)
  const encoded = renderMail({ ...mail, subject: '=?UTF-8?Q?=0ABcc:?=' })
  assert.match(headers(encoded), `Subject: =?UTF-8?B?${btoa('=?UTF-8?Q?=0ABcc:?=')}?=`)
})

test('a long subject is encoded in words of 75 characters at most, whole letters each', () => {
  const subject = `Sicherung 🔥 ${'ü'.repeat(60)} fehlgeschlagen`
  const [text = ''] = /(?<=^Subject: ).*(?:\n .*)*/m.exec(renderMail({ ...mail, subject })) ?? []
  const words = text.split('\n ')
  assert.ok(words.length > 2 && words.every(word => word.length <= 75))
  const plain = words.map(word =>
    new TextDecoder('utf-8', { fatal: true }).decode(
      Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(word)![1]!, 'base64'),
    ),
  )
  assert.is(plain.join(''), subject)
})

test('lines of the body have at most 998 bytes', () => {
  const text = renderMail({ ...mail, body: `${'🔥'.repeat(600)}\n\nend` })
  assert.ok(text.split('\n').every(line => Buffer.byteLength(line) <= 998))
  assert.is(text.replaceAll('\n', '').match(/🔥/gu)?.length, 600)
  assert.match(text, /\n\nend\n$/)
})

for (const to of ['a@b.example\nBcc: x@example.org', 'a@b.example, c@example.org', '-oQ/tmp', ''])
  test(`${JSON.stringify(to)} is not an address`, () => {
    const refusal = `${JSON.stringify(to)} is not a mail address`
    assert.throws(
      () => renderMail({ ...mail, to: [to] }),
      (e: Error) => e.message === refusal,
    )
    assert.throws(
      () => renderMail({ ...mail, from: to }),
      (e: Error) => e.message === refusal,
    )
  })

test('sendmail receives the whole mail by stdin, and looks for the recipients in it', async () => {
  const program = write(`echo "$*" >'${folder}/args'; cat >'${folder}/got'`)
  assert.is(await sendMail(mail, { program }), 'accepted for ops@example.org, root')
  assert.is(readFileSync(join(folder, 'args'), 'utf8'), '-t -i\n')
  assert.is(readFileSync(join(folder, 'got'), 'utf8'), renderMail(mail))
})

test('what sendmail refuses is an error with its first line', async () => {
  const program = write('printf "no \\033[2J relay\\nmore\\n" >&2; exit 75')
  const large = { ...mail, body: 'x '.repeat(200_000) } // it is not read: EPIPE
  assert.is(await explain(sendMail(large, { program })), 'sendmail: exit code 75: no ␛[2J relay')
})

test('one that does not end is killed, though its child holds stderr', async () => {
  const program = write(`sleep 20 & echo $! >'${folder}/child'; wait`)
  const sent = explain(sendMail(mail, { program, seconds: 0.5 }))
  assert.is(await sent, 'sendmail: no end within 0.5 s')
  try {
    process.kill(Number(readFileSync(join(folder, 'child'), 'utf8')))
  } catch {} // it was killed before it began
})

test('one that is not there, or is no program, is an error', async () => {
  assert.is(
    await explain(sendMail(mail, { program: join(folder, 'absent') })),
    'absent: it is not installed',
  )
  const program = write('exit 0')
  chmodSync(program, 0o644)
  assert.is(await explain(sendMail(mail, { program })), 'sendmail: it did not start (EACCES)')
})

test.run()
