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

/**
 * The state before or after a write: the AtlasMigration, and the ConfigMap or Secret if that is
 * what is written.
 */
export interface Side {
  readonly migration: AtlasMigration
  readonly write: Write | null
}

/** An AtlasMigration that the operator may treat otherwise after the request. */
export interface Affected {
  /** null when it did not exist before. */
  readonly before: Side | null
  readonly after: Side
  /** Whether nothing that the operator acts on differs. Then the request cannot be denied. */
  readonly unchanged: boolean
}

export type Subject =
  /** The request is about nothing that is judged here, or is never denied. */
  | { readonly kind: 'skip' }
  /** The object should be judged but cannot be read. */
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

/**
 * Finds the AtlasMigrations that a request is about: its own object, or those that use the written
 * ConfigMap or Secret.
 */
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
  // Removing a finalizer is never denied. Until the object is gone, the operator reads its files,
  // so a change of these is judged.
  if (after?.metadata.deletionTimestamp && unchanged) return skip
  const { namespace, name } = object
  const users = known.migrationsOfConfigMap(namespace, name)
  return affectedBy(object, users, {
    before: { kind: 'ConfigMap', namespace, name, object: before },
    after: { kind: 'ConfigMap', namespace, name, object: after },
    // Every write of a ConfigMap starts a reconcile, so a problem that exists already is worth a
    // warning.
    unchanged,
  })
}

function secretSubject(request: AdmissionRequest, known: Users): Subject {
  const sides = parseSides(request, readSecret)
  if ('problems' in sides) return unreadable(request, sides)
  const { before, after, object } = sides
  // Secrets are written for many reasons (rotation, labels). Only new values can lead to another
  // database.
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

/**
 * Reads the object before and after a write. An old object that cannot be read counts as absent, so
 * the new one is judged like a new object.
 */
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

/** What the operator reads of a ConfigMap, and the keys that it ignores. */
function content(configMap: ConfigMap | null): unknown {
  return configMap && [configMap.data ?? {}, Object.keys(configMap.binaryData ?? {})]
}

function unreadable(request: AdmissionRequest, { problems }: ObjectProblems): Subject {
  return { kind: 'unreadable', object: reference(request, undefined), problems }
}

/**
 * Names the object. request.name is empty for generateName, before the API server has made the
 * name, and for deletecollection.
 */
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
 * The AtlasMigration with the namespace and name of the request, which the API server fills in even
 * where a client left them out of the object. Objects without a name yet, of one generateName, are
 * told apart by the uid of the request.
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
