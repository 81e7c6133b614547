import type { AtlasMigration, ConfigMap, Secret } from '../policy/facts/atlas-migration.js'
import type { AdmissionRequest } from './ports/admission.js'
import type { Undecided } from './verdict/answer.js'
import type { Evaluation } from './verdict/evaluation.js'
import { auditPatience } from './limits/patience.js'
import type { Cluster } from './ports/ports.js'
import { evaluateSubject, type ReviewerDependencies } from './reviewer.js'
import { findSubject } from './verdict/subject.js'
import { withTimeLimit } from './limits/time-limit.js'

/** An object of a kind that an admission review looks at. */
export type DeliveredObject =
  | { readonly kind: 'AtlasMigration'; readonly object: AtlasMigration }
  | { readonly kind: 'ConfigMap'; readonly object: ConfigMap }
  | { readonly kind: 'Secret'; readonly object: Secret }

/** A cluster to which delivered objects can be added. */
export interface DeliveryCluster extends Cluster {
  /** The object that the delivered one would replace; null when there is none. */
  current(delivered: DeliveredObject): DeliveredObject['object'] | null
  put(delivered: DeliveredObject): void
}

export interface DeliveryDependencies extends Omit<ReviewerDependencies, 'cluster'> {
  readonly cluster: DeliveryCluster
  /** Time limit for one object. It can be generous, because no API server waits for the answer. */
  readonly limitMs: number
  readonly signal: AbortSignal
}

/** What a review says of one object of a delivery. */
export interface DeliveredWrite {
  /** Every AtlasMigration that the write touches, also where there is nothing to judge. */
  readonly touched: readonly AtlasMigration[]
  readonly evaluations: readonly Evaluation[]
  readonly undecided: readonly Undecided[]
}

/**
 * Reviews a set of objects as admissions would if they were applied one after the other: an object
 * sees those before it, and not those after it. Ends early when the signal fires.
 */
export async function* reviewDelivery(
  objects: readonly DeliveredObject[],
  dependencies: DeliveryDependencies,
): AsyncGenerator<DeliveredWrite> {
  const { cluster, signal } = dependencies
  for (const delivered of objects) {
    if (signal.aborted) return
    yield await reviewWrite(delivered, dependencies)
    cluster.put(delivered)
  }
}

async function reviewWrite(
  delivered: DeliveredObject,
  dependencies: DeliveryDependencies,
): Promise<DeliveredWrite> {
  const { cluster, limitMs, signal } = dependencies
  const request = requestOf(delivered, cluster.current(delivered))
  const subject = findSubject(request, cluster)
  // Any other outcome has nothing to judge. Objects that cannot be read were refused before they
  // came here.
  if (subject.kind !== 'affected') {
    const touched = delivered.kind === 'AtlasMigration' ? [delivered.object] : []
    return { touched, evaluations: [], undecided: [] }
  }
  const limit = { ms: limitMs, parent: signal }
  const evaluated = await withTimeLimit(limit, deadline =>
    evaluateSubject(subject, {
      request,
      deadline,
      dependencies: { ...dependencies, patienceMs: auditPatience },
      arriving: [],
    }),
  )
  return { touched: subject.affected.map(({ after }) => after.migration), ...evaluated }
}

const groups = { AtlasMigration: 'db.atlasgo.io', ConfigMap: '', Secret: '' } as const

function requestOf(
  { kind, object }: DeliveredObject,
  oldObject: DeliveredObject['object'] | null,
): AdmissionRequest {
  const { namespace = '', name = '' } = object.metadata
  return {
    uid: '',
    kind: { group: groups[kind], version: kind === 'AtlasMigration' ? 'v1alpha1' : 'v1', kind },
    operation: oldObject === null ? 'CREATE' : 'UPDATE',
    namespace,
    name,
    object,
    oldObject,
    dryRun: false,
  }
}
