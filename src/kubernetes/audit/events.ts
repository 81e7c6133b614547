import { createHash } from 'node:crypto'
import type { AuditEvent, AuditEvents } from '../../review/audit/audit-ports.js'
import { ClusterError } from '../../review/ports/cluster-error.js'
import type { ApiClient } from '../api/api-client.js'
import { ApiStatusError } from '../api/api-status-error.js'
import { failureReason, type Right } from '../api/failure-reason.js'
import { microTime } from './lease-election.js'
import { migrationReference } from './migration-reference.js'
import { limitRequest } from '../api/request-limit.js'

export interface EventOptions {
  readonly client: ApiClient
  /** Name of the pod, at most 128 characters. */
  readonly instance: string
  readonly now: () => Date
}

/**
 * Writes Events of events.k8s.io/v1. The text of an Event cannot be changed
 * (pkg/apis/core/validation/events.go), only how often it was observed. So an Event is named after
 * its text, and writing the same text again, by this process or an earlier one, finds the existing
 * Event. Needs the verbs create and patch.
 */
export function buildEvents(options: EventOptions): AuditEvents {
  const { client } = options
  return {
    async write(event, signal) {
      if (event.count > 1 && (await repeat(event, event.count, signal))) return
      if (await create(event, signal)) return
      await repeat(event, Math.max(event.count, 2), signal)
    },
  }

  /** @returns false when the Event exists already */
  function create(event: AuditEvent, signal: AbortSignal): Promise<boolean> {
    const request = {
      method: 'POST',
      path: collection(event),
      body: eventOf(event, options),
    } as const
    const answer = limitRequest(signal, signal => client.write({ ...request, signal }))
    return outcome({ event, verb: 'create', status: 409 }, answer)
  }

  /**
   * @returns false when the Event does not exist: by default the API server forgets Events after an
   * hour
   */
  function repeat(event: AuditEvent, count: number, signal: AbortSignal): Promise<boolean> {
    const series = { count, lastObservedTime: microTime(options.now()) }
    const request = {
      method: 'PATCH',
      path: `${collection(event)}/${nameOf(event)}`,
      contentType: 'application/merge-patch+json',
      body: { series },
    } as const
    const answer = limitRequest(signal, signal => client.write({ ...request, signal }))
    return outcome({ event, verb: 'patch', status: 404 }, answer)
  }
}

interface Attempt {
  readonly event: AuditEvent
  readonly verb: Right['verb']
  /** The status that tells that the Event exists already, or does not exist. */
  readonly status: number
}

async function outcome(
  { event, verb, status }: Attempt,
  answer: Promise<unknown>,
): Promise<boolean> {
  try {
    await answer
    return true
  } catch (error) {
    if (error instanceof ApiStatusError && error.statusCode === status) return false
    const { namespace } = event.object
    const right = { verb, resource: 'events.events.k8s.io', namespace }
    throw new ClusterError(failureReason(error, right), { cause: error })
  }
}

function collection({ object }: AuditEvent): string {
  return `/apis/events.k8s.io/v1/namespaces/${object.namespace}/events`
}

/** Longest part of an Event's name that comes from the object. A name may have 253 characters. */
const maxNamePart = 200

function nameOf({ object, type, reason, note }: AuditEvent): string {
  const said = createHash('sha256').update(JSON.stringify([object.uid, type, reason, note]))
  const part = object.name.slice(0, maxNamePart).replace(/[-.]+$/, '')
  return `${part}.${said.digest('hex').slice(0, 16)}`
}

function eventOf(event: AuditEvent, { instance, now }: EventOptions): unknown {
  const { object, type, reason, note } = event
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: object.namespace, name: nameOf(event) },
    eventTime: microTime(now()),
    reportingController: 'atlas-admission.io/audit',
    reportingInstance: instance,
    action: 'Audit',
    type,
    reason,
    note,
    regarding: migrationReference(object),
  }
}
