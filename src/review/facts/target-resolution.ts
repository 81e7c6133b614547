import { revisionsTable } from '../../atlas/engine/revision.js'
import { cutName } from '../../policy/text/postgres-name.js'
import type { AtlasMigration, Credentials } from '../../policy/facts/atlas-migration.js'
import { type DatabaseUrlParts, parseDatabaseUrl } from '../../policy/url/database-url.js'
import type { MissingReference, TargetFacts } from '../../policy/facts/facts.js'
import { borrowedLogin } from './borrowed-login.js'
import type { ClusterView } from './cluster-view.js'
import { ConcealedUrl } from '../url/concealed-url.js'
import { credentialsUrl } from '../url/credentials-url.js'
import type { BorrowedLogin } from '../ports/ports.js'
import { isPlainName, startupParameters } from '../../policy/url/driver-parameters.js'
import { type SecretField, readSecretValue } from './secret-values.js'

/**
 * The database of an AtlasMigration, with the URL that reaches it; `url` is null unless
 * `facts.kind` is `resolved`.
 */
export interface ResolvedTarget {
  readonly facts: TargetFacts
  readonly url: ConcealedUrl | null
  readonly missing: readonly MissingReference[]
}

/** Stands for a target that could not be read. */
export const unresolved: ResolvedTarget = {
  facts: { kind: 'unresolved' },
  url: null,
  missing: [],
}

/** The text of a URL, or why there is none. */
interface UrlText {
  readonly text: string | undefined
  readonly fromSecret: boolean
  readonly missing: readonly MissingReference[]
  /** Why the operator stops, in place of a text. */
  readonly problem?: string
  readonly borrowed?: (parts: DatabaseUrlParts) => BorrowedLogin | null
}

/**
 * Resolves the database of an AtlasMigration in the operator's order (0.7, TargetSpec.DatabaseURL):
 * urlFrom before url before credentials, and inside credentials each `…From` field before the
 * inline one.
 */
export async function resolveTarget(
  view: ClusterView,
  migration: AtlasMigration,
): Promise<ResolvedTarget> {
  const { spec } = migration
  const urlFrom = { path: 'spec.urlFrom', source: spec.urlFrom, unwatched: false }
  if (spec.urlFrom?.secretKeyRef)
    return buildTarget(migration, await readSecretUrl(view, migration, urlFrom))
  if (spec.url) return buildTarget(migration, inlineText(spec.url))
  if (spec.credentials) {
    return buildTarget(migration, await readCredentials(view, migration, spec.credentials))
  }
  return buildTarget(migration, inlineText(undefined))
}

/** Resolves the dev database of the spec: devURLFrom before devURL (0.7, extractData). */
export async function resolveDevTarget(
  view: ClusterView,
  migration: AtlasMigration,
): Promise<ResolvedTarget> {
  const { spec } = migration
  if (!spec.devURLFrom?.secretKeyRef) return buildTarget(migration, inlineText(spec.devURL))
  const field = { path: 'spec.devURLFrom', source: spec.devURLFrom, unwatched: true }
  const url = await readSecretUrl(view, migration, field)
  // An empty text counts as none: the operator then makes a dev database itself.
  return buildTarget(migration, { ...url, text: url.text || undefined })
}

function inlineText(text: string | undefined): UrlText {
  return { text: text || undefined, fromSecret: false, missing: [] }
}

async function readSecretUrl(
  view: ClusterView,
  migration: AtlasMigration,
  field: SecretField,
): Promise<UrlText> {
  const { value, missing } = await readSecretValue(view, migration.metadata.namespace ?? '', field)
  return { text: value, fromSecret: true, missing: missing ? [missing] : [] }
}

async function readCredentials(
  view: ClusterView,
  migration: AtlasMigration,
  credentials: Credentials,
): Promise<UrlText> {
  const namespace = migration.metadata.namespace ?? ''
  // The operator watches the Secret of the password, but not those of user and host.
  const fields = [
    { name: 'user', source: credentials.userFrom, unwatched: true },
    { name: 'password', source: credentials.passwordFrom, unwatched: false },
    { name: 'host', source: credentials.hostFrom, unwatched: true },
  ] as const
  const values = await Promise.all(
    fields.map(({ name, ...field }) =>
      readSecretValue(view, namespace, {
        path: `spec.credentials.${name}From`,
        ...field,
      }),
    ),
  )
  const [user, password, host] = values.map(value => value.value)
  const missing = values.flatMap(value => value.missing ?? [])
  const fromSecret = fields.some(field => field.source?.secretKeyRef)
  if (missing.length > 0) return { text: undefined, fromSecret, missing }
  const resolved = {
    ...credentials,
    user: user ?? credentials.user ?? '',
    password: password ?? credentials.password ?? '',
    host: host ?? credentials.host ?? '',
  }
  if (resolved.host !== '') {
    const borrowed = (parts: DatabaseUrlParts) =>
      borrowedLogin({ namespace, credentials, secretHost: host, parts }, view)
    return { text: credentialsUrl(resolved), fromSecret, missing, borrowed }
  }
  return {
    text: undefined,
    fromSecret,
    missing,
    ...(credentials.hostFrom?.secretKeyRef && { problem: emptyHost }),
  }
}

const emptyHost = 'the host of spec.credentials.hostFrom is empty ("no target database defined")'

function buildTarget(migration: AtlasMigration, source: UrlText): ResolvedTarget {
  const { fromSecret, missing } = source
  const without = (facts: TargetFacts): ResolvedTarget => ({ facts, url: null, missing })
  if (missing.length > 0) return without({ kind: 'unresolved' })
  if (source.problem !== undefined)
    return without({ kind: 'invalid', problem: source.problem, fromSecret })
  // An empty text from urlFrom is a URL for the operator, though Atlas's command line then cannot
  // use it.
  if (source.text === undefined) return without({ kind: 'none' })
  const parsed = parseDatabaseUrl(source.text)
  if (parsed.kind === 'invalid') return without({ ...parsed, fromSecret })
  const url = new ConcealedUrl(source.text, migration.metadata.namespace, source.borrowed?.(parsed))
  const { dialect, host, port, database, boundSchema } = parsed
  const startup = passedOn(parsed)
  // An empty revisionsSchema counts as none, because it is the zero value of the operator's Go type.
  const revisionsSchema = migration.spec.revisionsSchema || boundSchema || revisionsTable
  const target = {
    dialect,
    host,
    port,
    database,
    boundSchema,
    revisionsSchema: dialect === 'postgres' ? cutName(revisionsSchema) : revisionsSchema,
    ...(startup.length > 0 && { startup }),
    fromSecret,
    fingerprint: url.fingerprint(),
  }
  return { facts: { kind: 'resolved', target }, url, missing }
}

/** Most names that a message could list. */
const shownNames = 20

/** Names of the parameters that the server gets to see. */
function passedOn({ dialect, parameters }: DatabaseUrlParts): readonly string[] {
  const passed = dialect === 'postgres' ? startupParameters(parameters) : parameters
  return [...new Set(passed.map(([name]) => name).filter(isPlainName))].slice(0, shownNames)
}
