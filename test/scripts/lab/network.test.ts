import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bridge, pickOccupant, space } from '../../../scripts/lab/network.ts'

const net = Number(space.split('.')[1])
const hex = (number: number): string => number.toString(16).padStart(2, '0').toUpperCase()
/** A row of /proc/net/route for 10.NET.THIRD.0/24, which writes addresses backwards. */
const route = (device: string, third: number, second = net): string[] => [
  device,
  `00${hex(third)}${hex(second)}0A`,
]

test('the bridges of the lab, and a network on its engine, are its own', () => {
  const own = Object.values(bridge).map(device => route(device, 1))
  assert.is(pickOccupant([['Iface', 'Destination'], ...own, route('br-e57a36b61897', 130)]), null)
})

test('another device with addresses of the space is told', () => {
  for (const [device, third] of [
    ['eth1', 1],
    ['wg0', 130],
    ['br-e57a36b61897', 5],
  ] as const)
    assert.is(pickOccupant([route(device, third)]), device)
})

test('a device elsewhere is none', () => {
  assert.is(pickOccupant([route('eth0', 1, net === 7 ? 8 : 7), ['lo', '0000007F'], ['']]), null)
})

test.run()
