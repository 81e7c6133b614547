import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP, Socket, type LookupFunction } from 'node:net'
import type { AddressGuard } from './address-guard.js'
import { DatabaseFault, noConnection } from '../fault/database-fault.js'

export interface HostQuestion extends LookupOptions {
  /** Asked when the turn of a question that had to wait has come; absent: it is always wanted. */
  readonly isWanted?: () => boolean
}

/** Resolves a host name to its addresses, as node:dns does with the system's resolver. */
export type ResolveHost = (
  host: string,
  question: HostQuestion,
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

function forbidden(): DatabaseFault {
  return new DatabaseFault('forbidden-address', noConnection)
}

/** Tells nothing but what the URL says: a Unix socket is a file, and each pod has its own. */
function elsewhere(): DatabaseFault {
  return new DatabaseFault(
    'socket-elsewhere',
    "the URL names a Unix socket, which is in the operator's pod and not here",
  )
}

export const systemResolver: ResolveHost = (host, options, done) =>
  lookup(host, { ...options, all: true }, done)

/**
 * A lookup for Node's sockets. The socket connects to exactly what it returns, with no second
 * resolution between check and use. One refused address refuses the host.
 */
function guardedLookup(
  guard: AddressGuard,
  resolve: ResolveHost,
  isWanted: () => boolean,
): LookupFunction {
  return (host, options, done) => {
    const answer: Parameters<ResolveHost>[2] = (error, addresses) => {
      if (error !== null) done(error, [])
      else if (addresses.every(({ address }) => guard.allows(host, address))) done(null, addresses)
      else done(forbidden(), [])
    }
    resolve(host, { ...options, all: true, isWanted }, answer)
  }
}

export interface SocketTarget {
  readonly host: string
  readonly port: number
}

/**
 * Connects a socket to the target, as far as the guard allows.
 * @throws DatabaseFault for an address that may not be connected to.
 */
export function connectGuardedSocket(
  { host, port }: SocketTarget,
  guard: AddressGuard,
  resolve: ResolveHost,
): Socket {
  const isSocket = host.startsWith('/')
  if (host.startsWith('@') || (isSocket && !guard.allowsSocket(host))) throw elsewhere()
  // Node looks no address up, so one is checked here. Forms such as `0x7f.1` are resolved like
  // names.
  if (isIP(host) !== 0 && !guard.allows(host, host)) throw forbidden()
  const socket = new Socket()
  const options = isSocket
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host, port, lookup: guardedLookup(guard, resolve, () => !socket.destroyed) }
  return socket.connect(options)
}
