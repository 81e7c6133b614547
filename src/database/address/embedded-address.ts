import { isIPv6 } from 'node:net'

/**
 * The IPv4 addresses that an address may lead to besides itself: a gateway on the way, or this
 * machine's kernel, takes them out of it. Empty for an IPv4 address, and for an IPv6 address that
 * holds none.
 */
export function embeddedAddresses(address: string): readonly string[] {
  if (!isIPv6(address)) return []
  const groups = groupsOf(address)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  const start = [a, b, c, d, e].every(group => group === 0)
  // IPv4-mapped (RFC 4291, 2.5.5.2), and IPv4-compatible (2.5.5.1), where `::` and `::1` have a
  // meaning of their own.
  if (start && f === 0xffff) return [dotted(g, h)]
  if (start && f === 0) return g === 0 && h <= 1 ? [] : [dotted(g, h)]
  // IPv4-translated (RFC 2765), which a stateless translator turns into the address.
  if ([a, b, c, d, f].every(group => group === 0) && e === 0xffff) return [dotted(g, h)]
  // 6to4 (RFC 3056), and Teredo (RFC 4380), which holds the server's address, and the client's with
  // its bits inverted.
  if (a === 0x2002) return [dotted(b, c)]
  if (a === 0x2001 && b === 0) return [dotted(c, d), dotted(g ^ 0xffff, h ^ 0xffff)]
  if (a === 0x64 && b === 0xff9b) return translated(groups)
  return []
}

/**
 * The address in a NAT64 address. The well-known prefix (RFC 6052) has it at the end. The prefix
 * for local use (RFC 8215) is cut into prefixes of 48, 56, 64 or 96 bits as its operator likes, and
 * the bits 64 to 71 are left out of the address.
 */
function translated([, , c = 0, d = 0, e = 0, f = 0, g = 0, h = 0]: readonly number[]) {
  const last = dotted(g, h)
  if (c === 0 && d === 0 && e === 0 && f === 0) return [last]
  if (c !== 1) return []
  const after48 = dotted(d, ((e & 0xff) << 8) | (f >> 8))
  const after56 = dotted(((d & 0xff) << 8) | (e & 0xff), f)
  const after64 = dotted(((e & 0xff) << 8) | (f >> 8), ((f & 0xff) << 8) | (g >> 8))
  // Where nothing was written, the bits read as "this network" (0.0.0.0/8), which no gateway passes
  // on.
  const meant = [after48, after56, after64, last].filter(address => !address.startsWith('0.'))
  return meant.length > 0 ? meant : [last]
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

/**
 * The eight groups of an IPv6 address. Its text has at most one run of zeros as `::`, and its last
 * two groups may be an IPv4 address (RFC 4291, section 2.2). A zone (`%eth0`) names an interface
 * and is no part of the address.
 */
function groupsOf(address: string): readonly number[] {
  const [unzoned = ''] = address.split('%')
  const hexadecimal = unzoned.replace(/[^:]+\.[^:]+$/, hexadecimalPair)
  const [head = [], tail = []] = hexadecimal
    .split('::')
    .map(half => half.split(':').filter(Boolean))
  const zeros = Array<string>(8 - head.length - tail.length).fill('0')
  return [...head, ...zeros, ...tail].map(group => parseInt(group, 16))
}

/** `10.1.2.3` -> `a01:203` */
function hexadecimalPair(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
  return [a * 256 + b, c * 256 + d].map(group => group.toString(16)).join(':')
}
