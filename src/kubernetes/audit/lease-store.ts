import { ClusterError } from '../../review/ports/cluster-error.js'
import type { ApiClient } from '../api/api-client.js'
import { ApiStatusError } from '../api/api-status-error.js'
import { failureReason, type Right } from '../api/failure-reason.js'
import type { LeaseRecord, LeaseStore, StoredLease } from './lease-election.js'
import { limitRequest } from '../api/request-limit.js'

export interface LeaseName {
  readonly namespace: string
  readonly name: string
}

/**
 * Reads and writes one Lease of the cluster. Rejects with a ClusterError that names what is
 * missing.
 */
export class ApiLeaseStore implements LeaseStore {
  readonly #client: ApiClient
  readonly #lease: LeaseName

  constructor(client: ApiClient, lease: LeaseName) {
    this.#client = client
    this.#lease = lease
  }

  async read(signal: AbortSignal): Promise<StoredLease | null> {
    const path = `${this.#collection()}/${this.#lease.name}`
    const answer = limitRequest(signal, signal => this.#client.get({ path, signal }))
    return this.#outcome('get', 404, answer)
  }

  async create(record: LeaseRecord, signal: AbortSignal): Promise<StoredLease | null> {
    const request = {
      method: 'POST',
      path: this.#collection(),
      body: this.#body(record),
    } as const
    const answer = limitRequest(signal, signal => this.#client.write({ ...request, signal }))
    return this.#outcome('create', 409, answer)
  }

  async update(
    record: LeaseRecord,
    version: string,
    signal: AbortSignal,
  ): Promise<StoredLease | null> {
    const request = {
      method: 'PUT',
      path: `${this.#collection()}/${this.#lease.name}`,
      body: this.#body(record, version),
    } as const
    const answer = limitRequest(signal, signal => this.#client.write({ ...request, signal }))
    return this.#outcome('update', 409, answer)
  }

  /**
   * Sends a request. `status` is an expected answer: there is no such Lease, or it has another
   * version.
   */
  async #outcome(
    verb: Right['verb'],
    status: number,
    answer: Promise<unknown>,
  ): Promise<StoredLease | null> {
    try {
      return parseLease(await answer)
    } catch (error) {
      if (error instanceof ApiStatusError && error.statusCode === status) return null
      const { namespace } = this.#lease
      const right = { verb, resource: 'leases.coordination.k8s.io', namespace }
      throw new ClusterError(failureReason(error, right), { cause: error })
    }
  }

  #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#lease.namespace}/leases`
  }

  #body(record: LeaseRecord, resourceVersion?: string): unknown {
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...this.#lease, ...(resourceVersion && { resourceVersion }) },
      spec: {
        holderIdentity: record.holder,
        leaseDurationSeconds: record.durationSeconds,
        acquireTime: record.acquireTime,
        renewTime: record.renewTime,
        leaseTransitions: record.transitions,
      },
    }
  }
}

/**
 * Reads a Lease. Every field of its spec is optional, and one that is missing or invalid must not
 * let two replicas lead.
 */
function parseLease(value: unknown): StoredLease {
  const { metadata, spec } = Object(value) as Readonly<Record<string, unknown>>
  const { resourceVersion } = Object(metadata) as Readonly<Record<string, unknown>>
  const { holderIdentity, leaseDurationSeconds, acquireTime, renewTime, leaseTransitions } = Object(
    spec,
  ) as Readonly<Record<string, unknown>>
  if (typeof resourceVersion !== 'string') throw new SyntaxError('expected a Lease')
  return {
    version: resourceVersion,
    holder: textOf(holderIdentity),
    durationSeconds: numberOf(leaseDurationSeconds),
    acquireTime: textOf(acquireTime),
    renewTime: textOf(renewTime),
    transitions: numberOf(leaseTransitions),
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
