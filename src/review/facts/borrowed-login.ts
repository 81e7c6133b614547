import type {
  AtlasMigration,
  Credentials,
  SecretSource,
} from '../../policy/facts/atlas-migration.js'
import { type DatabaseUrlParts, parseDatabaseUrl } from '../../policy/facts/database-url.js'
import type { ClusterView } from './cluster-view.js'
import { credentialsUrl } from './credentials-url.js'
import type { BorrowedLogin } from '../ports/ports.js'

/** Credentials of a spec with what became of them. */
export interface ResolvedCredentials {
  readonly namespace: string
  readonly credentials: Credentials
  /** Value of hostFrom. */
  readonly secretHost: string | undefined
  /** Of the whole URL: a parameter may have put another host in the place of `host`. */
  readonly parts: DatabaseUrlParts
}

/** A key whose owner calls its value a user's name: `username`, `POSTGRES_USER`, `db-user`. */
const userKey = /(?:user(?:[._-]?name)?|login|role|owner)$/i

function secretOf(source: SecretSource | undefined): string | null {
  return source?.secretKeyRef ? (source.secretKeyRef.name ?? '') : null
}

function loginSecrets({ userFrom, passwordFrom }: Credentials): readonly string[] {
  return [secretOf(userFrom), secretOf(passwordFrom)].filter(name => name !== null)
}

/** null when no Secret holds a part of the login, or the one that does names the host as well. */
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

/** The same Secrets with the same host, which the operator has long been told to connect to. */
function goesThere(other: AtlasMigration, resolved: ResolvedCredentials): boolean {
  const { credentials } = other.spec
  if (!credentials || credentials.hostFrom?.secretKeyRef) return false
  if ((other.metadata.namespace ?? '') !== resolved.namespace) return false
  // The operator takes both before credentials, so these lead nowhere.
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
