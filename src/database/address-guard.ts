import { BlockList, isIP } from 'node:net'
import { isCidr } from '../policy/cidr.js'
import { matchesSomeGlob } from '../policy/glob.js'
import type { DatabaseLimits } from '../policy/settings.js'

/**
 * Never connected to, whatever is allowed: whoever may write an AtlasMigration chooses the address.
 * Link-local holds the metadata services (169.254.169.254), the others are those outside of it.
 */
const alwaysRefused: readonly string[] = [
  '169.254.0.0/16',
  'fe80::/10',
  // Metadata: AWS by IPv6, Alibaba Cloud.
  'fd00:ec2::254/128',
  '100.100.100.200/32',
  // Unspecified (reaches ourselves), multicast, broadcast.
  '0.0.0.0/8',
  '::/128',
  '224.0.0.0/4',
  'ff00::/8',
  '255.255.255.255/32',
  // Link-local through NAT64.
  '64:ff9b::a9fe:0/112',
]

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

function isRange(text: string): boolean {
  return isIP(text) !== 0 || isCidr(text)
}

function buildList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    if (prefix === undefined) list.addAddress(address, family(address))
    else list.addSubnet(address, Number(prefix), family(address))
  }
  return list
}

/** Decides which addresses may be connected to. */
export interface AddressGuard {
  /** `address`: one that `host` resolved to (or `host` itself). IPv4-mapped addresses count as IPv4. */
  allows(host: string, address: string): boolean
  /** A folder with a Unix socket: only when an allowed host names it. */
  allowsSocket(folder: string): boolean
}

export function buildAddressGuard(
  limits: Pick<DatabaseLimits, 'allowedHosts' | 'refusedAddresses'>,
): AddressGuard {
  const refused = buildList([...alwaysRefused, ...limits.refusedAddresses])
  const allowed = buildList(limits.allowedHosts.filter(isRange))
  const globs = limits.allowedHosts.filter(host => !isRange(host)).map(glob => glob.toLowerCase())
  const matches = (text: string) => matchesSomeGlob(globs, text.toLowerCase())
  const contains = (list: BlockList, address: string) => list.check(address, family(address))
  return {
    allows: (host, zonedAddress) => {
      const [address = ''] = zonedAddress.split('%')
      if (contains(refused, address)) return false
      return limits.allowedHosts.length === 0 || matches(host) || contains(allowed, address)
    },
    allowsSocket: matches,
  }
}
