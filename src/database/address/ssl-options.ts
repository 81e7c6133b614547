import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { matchesSomeGlob } from '../../policy/settings/glob.js'
import type { DatabaseLimits, HostAuthority } from '../../policy/settings/settings.js'
import { DatabaseFault } from '../fault/database-fault.js'

/** How one attempt to connect uses TLS; false: without. */
export type SslOptions = ConnectionOptions | false

/** The root certificates of the settings that count for a host; empty: those of the system. */
export function rootsFor(
  host: string,
  limits: Pick<DatabaseLimits, 'sslRootCert' | 'tls'>,
): string {
  const name = host.toLowerCase()
  const covers = ({ hosts }: HostAuthority) =>
    matchesSomeGlob(
      hosts.map(glob => glob.toLowerCase()),
      name,
    )
  return limits.tls.find(covers)?.caFile ?? limits.sslRootCert
}

async function readRoots(path: string): Promise<ConnectionOptions> {
  if (path === '') return {}
  try {
    return { ca: await readFile(path, 'utf8') }
  } catch (cause) {
    throw new DatabaseFault('tls', 'the root certificates of the settings cannot be read', {
      cause,
    })
  }
}

/**
 * TLS that accepts every certificate. The root certificates only tell afterwards whether the
 * certificate would have been valid.
 */
async function unverified(rootCertificates: string): Promise<ConnectionOptions> {
  const roots = await readRoots(rootCertificates).catch(() => ({}))
  return { ...roots, rejectUnauthorized: false }
}

/**
 * The attempts for an sslmode, in this order, as lib/pq v1.12 makes them. No mode means `require`,
 * which checks no certificate. `sslrootcert`, `sslcert` and `sslkey` of a URL name files of the
 * operator's pod and are not read. So `verify-ca` and `verify-full` use the root certificates of
 * the settings or of the system, and a server that asks for a client certificate refuses the
 * connection.
 * @throws DatabaseFault when the root certificates cannot be read.
 */
export async function readSslAttempts(
  sslMode: string | null,
  rootCertificates: string,
): Promise<readonly SslOptions[]> {
  switch (sslMode) {
    case 'disable':
      return [false]
    case 'allow':
      return [false, await unverified(rootCertificates)]
    case 'prefer':
      return [await unverified(rootCertificates), false]
    case 'verify-ca':
      return [{ ...(await readRoots(rootCertificates)), checkServerIdentity: () => undefined }]
    case 'verify-full':
      return [await readRoots(rootCertificates)]
    default:
      return [await unverified(rootCertificates)]
  }
}
