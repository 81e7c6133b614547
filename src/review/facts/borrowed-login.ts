import type {
  AtlasMigration,
  Credentials,
  SecretSource,
} from '../../policy/facts/atlas-migration.js'
import { type DatabaseUrlParts, parseDatabaseUrl } from '../../policy/url/database-url.js'
import type { ClusterView } from './cluster-view.js'
import { credentialsUrl } from '../url/credentials-url.js'
import type { BorrowedLogin } from '../ports/ports.js'

/** The credentials of a spec, with what they resolve to. */
export interface ResolvedCredentials {
  readonly namespace: string
  readonly credentials: Credentials
  /** Value of `hostFrom`; undefined when the host is not in a Secret. */
  readonly secretHost: string | undefined
  /**
   * Parts of the whole URL, whose host may differ: a parameter can put another one in the place of
   * `host`.
   */
  readonly parts: DatabaseUrlParts
}

/**
 * A key of a Secret whose name says that its value is a user's name: `username`, `POSTGRES_USER`,
 * `db-user`.
 */
const userKey = /(?:user(?:[._-]?name)?|login|role|owner)$/i

function secretOf(source: SecretSource | undefined): string | null {
  return source?.secretKeyRef ? (source.secretKeyRef.name ?? '') : null
}

function loginSecrets({ userFrom, passwordFrom }: Credentials): readonly string[] {
  return [secretOf(userFrom), secretOf(passwordFrom)].filter(name => name !== null)
}

/**
 * The login of a URL that sends a Secret's value to a host which the spec names. null when no
 * Secret holds a part of the login, or when the Secret that does names the host as well.
 */
export function borrowedLogin(
  resolved: ResolvedCredentials,
  view: ClusterView,
): BorrowedLogin | null {
  const { credentials, secretHost, parts } = resolved
  const secrets = loginSecrets(credentials)
  if (secrets.length === 0) return null
  const hostIsSecret = secretHost !== undefined && secretHost === parts.host
  const hostSecret = secretOf(credentials.hostFrom)
  if (hostIsSecret && secrets.every(name => name === hostSecret)) return null
  const userReference = credentials.userFrom?.secretKeyRef
  return {
    userIsSecret: userReference !== undefined && !userKey.test(userReference.key),
    hostIsKnown: () => hostIsSecret || view.migrations().some(other => goesThere(other, resolved)),
  }
}

/**
 * Whether an existing AtlasMigration uses the same Secrets with the same host. The operator then
 * sends them there already.
 */
function goesThere(other: AtlasMigration, resolved: ResolvedCredentials): boolean {
  const { credentials } = other.spec
  if (!credentials || credentials.hostFrom?.secretKeyRef) return false
  if ((other.metadata.namespace ?? '') !== resolved.namespace) return false
  // The operator takes these two before credentials, so the credentials lead nowhere.
  if (other.spec.url || other.spec.urlFrom?.secretKeyRef) return false
  const secrets = loginSecrets(credentials)
  if (!loginSecrets(resolved.credentials).every(name => secrets.includes(name))) return false
  const parts = parseDatabaseUrl(credentialsUrl({ ...credentials, user: '', password: '' }))
  return (
    parts.kind === 'parsed' &&
    parts.host === resolved.parts.host &&
    parts.port === resolved.parts.port
  )
}
