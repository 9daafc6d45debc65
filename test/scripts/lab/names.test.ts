import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { inventoryFile, lookUp, readLabNames, renderDnsmasq } from '../../../scripts/lab/names.ts'
import { hostAddresses } from '../../../scripts/lab/network.ts'

const names = { 'brd.example': '10.0.0.1', 'stage.brd.example': '10.0.0.2' }
const rows: [string, string | null][] = [
  ['brd.example', '10.0.0.1'],
  ['www.brd.example', '10.0.0.1'],
  ['grafana.stage.brd.example', '10.0.0.2'],
  ['stage.brd.example', '10.0.0.2'],
  ['xstage.brd.example', '10.0.0.1'],
  ['notbrd.example', null],
  ['example', null],
]
for (const [name, address] of rows)
  test(`${name} is ${address ?? 'not known'}`, () => assert.is(lookUp(names, name), address))

test('dnsmasq answers for a domain and all below it', () =>
  assert.is(
    renderDnsmasq(names),
    'address=/brd.example/10.0.0.1\naddress=/stage.brd.example/10.0.0.2\n',
  ))

test("the inventory has the names: a cluster's domain leads to its first lab server", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lab-names-'))
  const text = (await readFile(inventoryFile, 'utf8')).replace(
    /domain: infra-stage\S+/,
    'domain: moved.example',
  )
  await writeFile(join(folder, 'hosts.yaml'), text)
  const found = await readLabNames(join(folder, 'hosts.yaml'))
  await rm(folder, { recursive: true })
  assert.is(found['moved.example'], hostAddresses['infra-stage'])
  assert.is(found['stage.brd.example'], hostAddresses['old-one'])
})

test.run()
