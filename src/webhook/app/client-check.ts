import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { RequestError } from '../errors/request-error.js'

/** Lets a call through, or throws a RequestError that says why not. */
export type ClientCheck = (socket: TLSSocket) => void

/**
 * Builds a check that lets calls through whose client certificate was signed by an authority of
 * --client-ca. It is made for each call and not in the handshake, because the kubelet has no
 * certificate and asks /livez on the same port.
 * @param names of which the certificate must have one; empty: any certificate is accepted
 */
export function buildClientCheck(names: readonly string[]): ClientCheck {
  return socket => {
    const certificate = socket.getPeerX509Certificate()
    // Node calls a resumed TLS 1.3 session authorized although no certificate was ever shown, so
    // that is checked first.
    if (certificate === undefined)
      throw new RequestError(
        'ATLAS_ADMISSION_CLIENT_CERTIFICATE',
        'only an API server may call this path: its client certificate is expected, and none was shown; ' +
          'see --client-ca',
      )
    if (!socket.authorized)
      throw refused(`is not taken (${String(socket.authorizationError)})`, '--client-ca')
    if (names.length > 0 && !names.some(name => carries(certificate, name)))
      throw refused('carries none of the expected names', '--client-names')
  }
}

function carries(certificate: X509Certificate, name: string): boolean {
  const commonName: unknown = certificate.toLegacyObject().subject?.CN
  if ([commonName].flat().includes(name)) return true
  // Otherwise "*.example.com" in a certificate would stand for every name below it.
  const exactly = { subject: 'never', wildcards: false, partialWildcards: false } as const
  return certificate.checkHost(name, exactly) !== undefined
}

function refused(why: string, option: string): RequestError {
  return new RequestError(
    'ATLAS_ADMISSION_CLIENT_REFUSED',
    `only an API server may call this path: the client certificate ${why}; see ${option}`,
  )
}
