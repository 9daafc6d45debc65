/**
 * What a host must have: what the boot line and the library call, and what every operation may. The
 * boot line looks for them; what is missing is named.
 */
export const REQUIRED_TOOLS = [
  'awk',
  'cat',
  'cmp',
  'cp',
  'dd',
  'grep',
  'id',
  'ln',
  'mkdir',
  'mkfifo',
  'mktemp',
  'mv',
  'ps',
  'readlink',
  'rm',
  'sed',
  'sha256sum',
  'sleep',
  'stat',
  'tail',
  'wc',
] as const
