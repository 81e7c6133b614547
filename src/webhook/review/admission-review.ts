import type { PatchOperation } from '../../policy/consolidation/directory-rewrite.js'
import type {
  AdmissionAnswer,
  AdmissionRequest,
  DenialStatus,
} from '../../review/ports/admission.js'
import { cleanWarnings, limitMessage } from './answer-text.js'
import { RequestError } from '../errors/request-error.js'

const API_VERSION = 'admission.k8s.io/v1'
const KIND = 'AdmissionReview'

/** Longest uid. In practice it is a UUID, and it stands in every log line. */
export const MAX_UID = 128

/** A request as the schema accepts it. What may be absent or null in Kubernetes may be so here. */
interface ReviewBody {
  readonly request: {
    readonly uid: string
    readonly kind: { readonly group?: string; readonly version?: string; readonly kind: string }
    readonly operation: AdmissionRequest['operation']
    readonly subResource?: string | null
    readonly namespace?: string | null
    readonly name?: string | null
    readonly object?: object | null
    readonly oldObject?: object | null
    readonly dryRun?: boolean | null
  }
}

const optionalText = { type: ['string', 'null'] }
const optionalObject = { type: ['object', 'null'] }

/**
 * JSON Schema of an AdmissionReview v1 with a request (k8s.io/api/admission/v1). Unknown fields are
 * accepted.
 */
export const reviewSchema = {
  type: 'object',
  // allOf is checked in order, so a wrong version is reported before a field that only v1 has.
  allOf: [
    {
      required: ['apiVersion', 'kind'],
      properties: { apiVersion: { const: API_VERSION }, kind: { const: KIND } },
    },
    {
      required: ['request'],
      properties: {
        request: {
          type: 'object',
          required: ['uid', 'kind', 'operation'],
          properties: {
            uid: { type: 'string', minLength: 1, maxLength: MAX_UID },
            kind: {
              type: 'object',
              required: ['kind'],
              properties: {
                group: { type: 'string' },
                version: { type: 'string' },
                kind: { type: 'string', minLength: 1 },
              },
            },
            operation: { enum: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'] },
            subResource: optionalText,
            namespace: optionalText,
            name: optionalText,
            object: optionalObject,
            oldObject: optionalObject,
            dryRun: { type: ['boolean', 'null'] },
          },
        },
      },
    },
  ],
} as const

/** One mistake that ajv found. */
export interface SchemaMistake {
  readonly instancePath: string
  readonly message: string
  readonly params: { readonly allowedValues?: readonly string[] }
}

/** Puts the first mistake into words. `body` is what was sent. */
export function explainMistake(mistake: SchemaMistake, body: unknown): RequestError {
  const path = mistake.instancePath.slice(1).replaceAll('/', '.')
  if (path === 'apiVersion' || path === 'kind' || isWithoutVersion(body)) return wrongVersion(body)
  const place = path === '' ? 'the review' : path
  const values = mistake.params.allowedValues
  const expected = values === undefined ? mistake.message : `must be one of ${values.join(', ')}`
  return new RequestError(
    'ATLAS_ADMISSION_REVIEW_INVALID',
    `${place} ${expected}; send an ${KIND} of ${API_VERSION} with a request`,
  )
}

function isWithoutVersion(body: unknown): boolean {
  return isRecord(body) && !Array.isArray(body) && !('apiVersion' in body && 'kind' in body)
}

function wrongVersion(body: unknown): RequestError {
  const { apiVersion, kind } = body as Record<string, unknown>
  return new RequestError(
    'ATLAS_ADMISSION_REVIEW_VERSION',
    `expected ${KIND} of ${API_VERSION}, found ${shown(kind)} of ${shown(apiVersion)}; ` +
      'set admissionReviewVersions: ["v1"] in the webhook configuration',
  )
}

function shown(value: unknown): string {
  if (value === undefined) return 'none'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : `a ${typeof value}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/**
 * The request of a body that the schema has accepted. Rejects a CREATE or UPDATE without an object,
 * because there is nothing to judge.
 */
export function parseReview(body: unknown): AdmissionRequest {
  const { request } = body as ReviewBody
  const { object, operation } = request
  if (!isRecord(object) && (operation === 'CREATE' || operation === 'UPDATE')) {
    throw new RequestError(
      'ATLAS_ADMISSION_OBJECT_MISSING',
      `request.object is ${object === null ? 'null' : 'missing'} although the operation is ${operation}; ` +
        'send the object that is to be stored',
    )
  }
  return {
    uid: request.uid,
    kind: {
      group: request.kind.group ?? '',
      version: request.kind.version ?? '',
      kind: request.kind.kind,
    },
    operation,
    // kube-apiserver leaves empty fields out, and an empty text means the same.
    ...(request.subResource ? { subResource: request.subResource } : {}),
    ...(request.namespace ? { namespace: request.namespace } : {}),
    ...(request.name ? { name: request.name } : {}),
    object: object ?? null,
    oldObject: request.oldObject ?? null,
    dryRun: request.dryRun ?? false,
  }
}

/** An AdmissionReview v1 with a response. */
export interface ReviewAnswer {
  readonly apiVersion: typeof API_VERSION
  readonly kind: typeof KIND
  readonly response: {
    readonly uid: string
    readonly allowed: boolean
    readonly status?: DenialStatus
    readonly warnings?: readonly string[]
    readonly patchType?: 'JSONPatch'
    /** A JSON patch (RFC 6902) as JSON in base64. */
    readonly patch?: string
    readonly auditAnnotations?: Readonly<Record<string, string>>
  }
}

/** Puts an answer into the form that kube-apiserver expects: the same version, and the same uid. */
export function encodeAnswer(uid: string, answer: AdmissionAnswer): ReviewAnswer {
  const { allowed, status, auditAnnotations, patch } = answer
  const warnings = cleanWarnings(answer.warnings)
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    response: {
      uid,
      allowed,
      ...(status === undefined
        ? {}
        : { status: { ...status, message: limitMessage(status.message) } }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(patch === undefined ? {} : { patchType: 'JSONPatch', patch: encodePatch(patch) }),
      ...(Object.keys(auditAnnotations).length === 0 ? {} : { auditAnnotations }),
    },
  }
}

/** Encodes a patch as JSON shows a []byte of Go: in base64. */
function encodePatch(patch: readonly PatchOperation[]): string {
  return Buffer.from(JSON.stringify(patch)).toString('base64')
}
