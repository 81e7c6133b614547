import { isDeepStrictEqual } from 'node:util'
import type {
  AtlasMigration,
  ConfigMap,
  ObjectMetadata,
  Secret,
} from '../../policy/facts/atlas-migration.js'
import type { AdmissionRequest } from '../ports/admission.js'
import type { Users } from './arrivals.js'
import type { Write } from '../facts/cluster-view.js'
import {
  type ObjectProblems,
  parseAtlasMigration,
  parseConfigMap,
  parseSecret,
} from '../object/parse-object.js'

export interface ObjectReference {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** One side of a request: the AtlasMigration, and the ConfigMap or Secret that is being written beside it. */
export interface Side {
  readonly migration: AtlasMigration
  readonly write: Write | null
}

/** An AtlasMigration whose fate the request may change. */
export interface Affected {
  /** null: it did not exist before. */
  readonly before: Side | null
  readonly after: Side
  /** Nothing that the operator acts on differs: then nothing can be denied. */
  readonly unchanged: boolean
}

export type Subject =
  /** Not ours to judge, or never denied. */
  | { readonly kind: 'skip' }
  /** Ours, but it cannot be read. */
  | {
      readonly kind: 'unreadable'
      readonly object: ObjectReference
      readonly problems: readonly string[]
    }
  | {
      readonly kind: 'affected'
      readonly object: ObjectReference
      readonly affected: readonly Affected[]
    }

const skip: Subject = { kind: 'skip' }

/** Which AtlasMigrations a request is about. */
export function findSubject(request: AdmissionRequest, known: Users): Subject {
  if (request.subResource || request.operation === 'CONNECT') return skip
  const { group, kind } = request.kind
  if (group === 'db.atlasgo.io' && kind === 'AtlasMigration') return migrationSubject(request)
  if (group === '' && kind === 'ConfigMap') return configMapSubject(request, known)
  if (group === '' && kind === 'Secret') return secretSubject(request, known)
  return skip
}

function migrationSubject(request: AdmissionRequest): Subject {
  if (request.operation === 'DELETE') return skip
  const parsed = parseAtlasMigration(request.object)
  if ('problems' in parsed) return unreadable(request, parsed)
  const migration = located(parsed.migration, request)
  if (migration.metadata.deletionTimestamp) return skip
  const old = request.oldObject ? parseAtlasMigration(request.oldObject) : null
  const previous = old && 'migration' in old ? located(old.migration, request) : null
  const unchanged = previous !== null && isDeepStrictEqual(previous.spec, migration.spec)
  const before = previous && { migration: previous, write: null }
  const affected = [{ before, after: { migration, write: null }, unchanged }]
  return { kind: 'affected', object: reference(request, migration.metadata), affected }
}

function configMapSubject(request: AdmissionRequest, known: Users): Subject {
  const sides = parseSides(request, readConfigMap)
  if ('problems' in sides) return unreadable(request, sides)
  const { before, after, object } = sides
  const unchanged = isDeepStrictEqual(content(before), content(after))
  // A finalizer can always go. Until the object goes too, the operator reads the files, and may find others.
  if (after?.metadata.deletionTimestamp && unchanged) return skip
  const { namespace, name } = object
  const users = known.migrationsOfConfigMap(namespace, name)
  return affectedBy(object, users, {
    before: { kind: 'ConfigMap', namespace, name, object: before },
    after: { kind: 'ConfigMap', namespace, name, object: after },
    // Every write of a ConfigMap wakes the operator, so an old problem is worth a warning then.
    unchanged,
  })
}

function secretSubject(request: AdmissionRequest, known: Users): Subject {
  const sides = parseSides(request, readSecret)
  if ('problems' in sides) return unreadable(request, sides)
  const { before, after, object } = sides
  // Secrets are written for many reasons (rotation, labels): only their values can move a database.
  if (isDeepStrictEqual(before?.data, after?.data)) return skip
  const { namespace, name } = object
  const users = known.migrationsOfSecret(namespace, name)
  return affectedBy(object, users, {
    before: { kind: 'Secret', namespace, name, object: before },
    after: { kind: 'Secret', namespace, name, object: after },
    unchanged: false,
  })
}

interface ObjectSides<T> {
  readonly before: T | null
  readonly after: T | null
  readonly object: ObjectReference
}

/** Both sides of a write. An old object that cannot be read is as good as none: the new one must stand alone. */
function parseSides<T extends { readonly metadata: ObjectMetadata }>(
  request: AdmissionRequest,
  parse: (value: unknown) => { readonly object: T } | ObjectProblems,
): ObjectSides<T> | ObjectProblems {
  const read = (value: unknown) => (value ? parse(value) : null)
  const next = read(request.object)
  if (next && 'problems' in next) return next
  const previous = read(request.oldObject)
  const before = previous && !('problems' in previous) ? previous.object : null
  const after = next && next.object
  return { before, after, object: reference(request, (after ?? before)?.metadata) }
}

function readConfigMap(value: unknown): { readonly object: ConfigMap } | ObjectProblems {
  const parsed = parseConfigMap(value)
  return 'problems' in parsed ? parsed : { object: parsed.configMap }
}

function readSecret(value: unknown): { readonly object: Secret } | ObjectProblems {
  const parsed = parseSecret(value)
  return 'problems' in parsed ? parsed : { object: parsed.secret }
}

interface Change {
  readonly before: Write
  readonly after: Write
  readonly unchanged: boolean
}

function affectedBy(
  object: ObjectReference,
  users: readonly AtlasMigration[],
  change: Change,
): Subject {
  const living = users.filter(migration => !migration.metadata.deletionTimestamp)
  if (living.length === 0) return skip
  const affected = living.map(migration => ({
    before: { migration, write: change.before },
    after: { migration, write: change.after },
    unchanged: change.unchanged,
  }))
  return { kind: 'affected', object, affected }
}

/** What the operator can see of a ConfigMap, and the keys it overlooks. */
function content(configMap: ConfigMap | null): unknown {
  return configMap && [configMap.data ?? {}, Object.keys(configMap.binaryData ?? {})]
}

function unreadable(request: AdmissionRequest, { problems }: ObjectProblems): Subject {
  return { kind: 'unreadable', object: reference(request, undefined), problems }
}

/** request.name is absent for generateName before the name is made, and for deletecollection. */
function reference(
  request: AdmissionRequest,
  metadata: ObjectMetadata | undefined,
): ObjectReference {
  return {
    kind: request.kind.kind,
    namespace: request.namespace ?? metadata?.namespace ?? '',
    name: metadata?.name ?? request.name ?? metadata?.generateName ?? '',
  }
}

/**
 * The API server fills namespace and name into the request even where a client left them out of the object. One that
 * has no name yet is told apart from others of the same generateName by the uid of the request.
 */
function located(migration: AtlasMigration, request: AdmissionRequest): AtlasMigration {
  const { metadata } = migration
  const { namespace, name } = reference(request, metadata)
  const isNamed = metadata.name !== undefined || request.name !== undefined
  const uid = metadata.uid ?? (isNamed ? undefined : request.uid)
  return {
    ...migration,
    metadata: { ...metadata, namespace, name, ...(uid !== undefined && { uid }) },
  }
}
