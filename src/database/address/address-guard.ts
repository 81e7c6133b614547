import { BlockList, isIP } from 'node:net'
import { isCidr } from '../../policy/settings/cidr.js'
import { matchesSomeGlob } from '../../policy/settings/glob.js'
import type { DatabaseLimits } from '../../policy/settings/settings.js'
import { embeddedAddresses } from './embedded-address.js'

/**
 * Addresses that are never connected to, whatever is allowed: whoever may write an AtlasMigration
 * chooses the address. The link-local blocks hold most metadata services (169.254.169.254), and the
 * other entries are those outside of them.
 */
const alwaysRefused: readonly string[] = [
  '169.254.0.0/16',
  'fe80::/10',
  // Metadata, and other services that a cloud offers to a machine: AWS (IMDS, and DNS for pods),
  // Google, Alibaba, Azure, Oracle, Scaleway.
  'fd00:ec2::254/128',
  'fd00:ec2::23/128',
  'fd20:ce::254/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:42::42/128',
  // Unspecified (which reaches this machine), multicast, broadcast.
  '0.0.0.0/8',
  '::/128',
  '224.0.0.0/4',
  'ff00::/8',
  '255.255.255.255/32',
  // 6to4, Teredo, and IPv4-compatible addresses other than `::1`: ways to an IPv4 address that no
  // database has.
  '2002::/16',
  '2001::/32',
  '::2-::ffff:ffff',
]

/** Loopback of both address families. */
const loopback: readonly string[] = ['127.0.0.0/8', '::1/128']

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

function isRange(text: string): boolean {
  return isIP(text) !== 0 || isCidr(text)
}

/** Builds a list of addresses, CIDRs, and ranges with both ends (`a-b`). */
function buildList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [start = '', end] = range.split('-')
    const [address = '', prefix] = range.split('/')
    if (end !== undefined) list.addRange(start, end, family(start))
    else if (prefix === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(prefix), family(address))
  }
  return list
}

/** Decides which addresses may be connected to. */
export interface AddressGuard {
  /**
   * Whether `address` may be connected to: one that `host` resolved to, or `host` itself.
   * IPv4-mapped addresses count as IPv4.
   */
  allows(host: string, address: string): boolean
  /**
   * Whether the Unix socket in a folder may be connected to: only when an allowed host names the
   * folder.
   */
  allowsSocket(folder: string): boolean
}

export type GuardLimits = Pick<DatabaseLimits, 'allowedHosts' | 'refusedAddresses' | 'ownAddresses'>

/**
 * Builds the guard of the settings. `interfaces` are the addresses of this machine. With
 * `ownAddresses: refused`, they and loopback may be connected to only when an allowed host names
 * them, because what listens there trusts a neighbour in the pod.
 */
export function buildAddressGuard(
  limits: GuardLimits,
  interfaces: readonly string[] = [],
): AddressGuard {
  const refused = buildList([...alwaysRefused, ...limits.refusedAddresses])
  const own = buildList(limits.ownAddresses === 'refused' ? [...loopback, ...interfaces] : [])
  const allowed = buildList(limits.allowedHosts.filter(isRange))
  const globs = limits.allowedHosts.filter(host => !isRange(host)).map(glob => glob.toLowerCase())
  const matches = (text: string) => matchesSomeGlob(globs, text.toLowerCase())
  const contains = (list: BlockList, address: string) => list.check(address, family(address))
  return {
    allows: (host, zonedAddress) => {
      const [address = ''] = zonedAddress.split('%')
      const embedded = embeddedAddresses(address)
      const forms = [address, ...embedded]
      if (forms.some(form => contains(refused, form))) return false
      const isNamed =
        matches(host) ||
        contains(allowed, address) ||
        (embedded.length > 0 && embedded.every(form => contains(allowed, form)))
      if (forms.some(form => contains(own, form))) return isNamed
      return limits.allowedHosts.length === 0 || isNamed
    },
    allowsSocket: folder => !folder.split('/').includes('..') && matches(folder),
  }
}
