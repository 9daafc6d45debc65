import type { Reach } from './measurement.ts'

/**
 * The target of each workload on a quiet machine of two cores. `rawRatio` is the wall time divided
 * by that of the raw script: it judges a run on a busy machine.
 */
export const reaches: Readonly<Record<string, Reach>> = {
  'W1, 1 host, first': { seconds: 0.52, rawRatio: 2 },
  'W1, 1 host, second': { seconds: 0.6, rawRatio: 1.6, cpu: 0.38 },
  'W1, 1 host at 20 ms, second': { seconds: 0.8, rawRatio: 0.67 },
  'W1, 50 hosts, second': { seconds: 4.5, rawRatio: 0.68, cpu: 2, mebibytes: 120 },
  'W2, 100 hosts': { seconds: 3, rawRatio: 0.33 },
  'W2, 1,000 hosts': { seconds: 30, rawRatio: 0.33, mebibytes: 400 },
  'W3, 100 MB': { seconds: 1.9, rawRatio: 1.3 },
  'inventory of 5,000 hosts': { seconds: 0.5 },
}

/** The same of a whole process, as a user starts it: `WORK, by PROGRAM`. */
export const wholeReaches: Readonly<Record<string, Reach>> = {
  'W1, 1 host, second, by node': { seconds: 0.9, cpu: 0.9, mebibytes: 90 },
  'W1, 1 host, second, by npx': { seconds: 1.5 },
  '--help, by node': { seconds: 0.55 },
  'W1, 50 hosts, second, by node': { seconds: 4, cpu: 2, mebibytes: 130 },
}
