/**
 * The text of an inventory with so many hosts, in clusters of a hundred: what `bench` loads and
 * selects from.
 */
export const renderManyHosts = (count: number): string => {
  const clusters = Array.from({ length: Math.ceil(count / 100) }, (_, i) =>
    renderCluster(i + 1, Math.min(100, count - i * 100)),
  )
  return `clusters:
${clusters.join('\n')}
`
}

const renderCluster = (number: number, size: number) => {
  const server = (_: unknown, i: number) =>
    `      web${(number - 1) * 100 + i + 1}: { address: 10.0.${number}.${i + 1} }`
  return [`  rack${number}:`, '    servers:', ...Array.from({ length: size }, server)].join('\n')
}
