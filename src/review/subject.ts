import { isDeepStrictEqual } from 'node:util'
import type { AtlasMigration, ConfigMap, ObjectMetadata, Secret } from '../policy/atlas-migration.js'
import type { AdmissionRequest } from './admission.js'
import type { Write } from './cluster-view.js'
import {
  type ObjectProblems,
  parseAtlasMigration,
  parseConfigMap,
  parseSecret,
} from './parse-object.js'
import type { Cluster } from './ports.js'

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
export function findSubject(request: AdmissionRequest, cluster: Cluster): Subject {
  if (request.subResource || request.operation === 'CONNECT') return skip
  const { group, kind } = request.kind
  if (group === 'db.atlasgo.io' && kind === 'AtlasMigration') return migrationSubject(request)
  if (group === '' && kind === 'ConfigMap') return configMapSubject(request, cluster)
  if (group === '' && kind === 'Secret') return secretSubject(request, cluster)
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

function configMapSubject(request: AdmissionRequest, cluster: Cluster): Subject {
  const after = readObject(request.object, parseConfigMap)
  if (after && 'problems' in after) return unreadable(request, after)
  const before = readObject(request.oldObject, parseConfigMap)
  const sides = {
    before: before && 'configMap' in before ? before.configMap : null,
    after: after?.configMap ?? null,
  }
  if (isTerminating(sides.after)) return skip
  const object = reference(request, (sides.after ?? sides.before)?.metadata)
  const users = cluster.migrationsOfConfigMap(object.namespace, object.name)
  const unchanged = isDeepStrictEqual(content(sides.before), content(sides.after))
  const write = (configMap: ConfigMap | null): Write => ({
    kind: 'ConfigMap',
    namespace: object.namespace,
    name: object.name,
    object: configMap,
  })
  return affectedBy(object, users, {
    before: write(sides.before),
    after: write(sides.after),
    unchanged,
  })
}

function secretSubject(request: AdmissionRequest, cluster: Cluster): Subject {
  const after = readObject(request.object, parseSecret)
  if (after && 'problems' in after) return unreadable(request, after)
  const before = readObject(request.oldObject, parseSecret)
  const sides = {
    before: before && 'secret' in before ? before.secret : null,
    after: after?.secret ?? null,
  }
  // A Secret is written for many reasons (rotation, labels): only its values can move a database.
  if (isTerminating(sides.after) || isDeepStrictEqual(sides.before?.data, sides.after?.data))
    return skip
  const object = reference(request, (sides.after ?? sides.before)?.metadata)
  const users = cluster.migrationsOfSecret(object.namespace, object.name)
  const write = (secret: Secret | null): Write => ({
    kind: 'Secret',
    namespace: object.namespace,
    name: object.name,
    object: secret,
  })
  return affectedBy(object, users, {
    before: write(sides.before),
    after: write(sides.after),
    unchanged: false,
  })
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

function readObject<T>(value: unknown, parse: (value: unknown) => T): T | null {
  return value ? parse(value) : null
}

function isTerminating(object: { readonly metadata: ObjectMetadata } | null): boolean {
  return Boolean(object?.metadata.deletionTimestamp)
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

/** The API server fills namespace and name into the request even where a client left them out of the object. */
function located(migration: AtlasMigration, request: AdmissionRequest): AtlasMigration {
  const { namespace, name } = reference(request, migration.metadata)
  return { ...migration, metadata: { ...migration.metadata, namespace, name } }
}
