import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { DatabaseFault } from './database-fault.js'

/** How one attempt to connect treats TLS; false = plain. */
export type SslOptions = ConnectionOptions | false

/** Encrypts and believes every certificate. */
const unverified: ConnectionOptions = { rejectUnauthorized: false }

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
 * What to try for an sslmode, in this order, as lib/pq v1.12 does: no mode means `require`, and that checks no
 * certificate. `sslrootcert`, `sslcert` and `sslkey` of a URL name files of the operator's pod: they are not read,
 * so `verify-ca` and `verify-full` rest on the settings' or the system's roots, and a server that wants a
 * client certificate refuses us.
 * @throws DatabaseFault when the roots cannot be read.
 */
export async function readSslAttempts(
  sslMode: string | null,
  rootCertificates: string,
): Promise<readonly SslOptions[]> {
  switch (sslMode) {
    case 'disable':
      return [false]
    case 'allow':
      return [false, unverified]
    case 'prefer':
      return [unverified, false]
    case 'verify-ca':
      return [{ ...(await readRoots(rootCertificates)), checkServerIdentity: () => undefined }]
    case 'verify-full':
      return [await readRoots(rootCertificates)]
    default:
      return [unverified]
  }
}
