import type { ObjectShape, Shape } from './shape.js'

const string: Shape = { type: 'string' }
const boolean: Shape = { type: 'boolean' }
const integer: Shape = { type: 'integer' }
const stringMap: Shape = { type: 'object', additionalProperties: string }

function object(
  properties: Readonly<Record<string, Shape>>,
  required?: readonly string[],
): ObjectShape {
  return { type: 'object', properties, ...(required && { required }) }
}

const keyReference = object({ name: string, key: string, optional: boolean }, ['key'])
const secretSource = object({ secretKeyRef: keyReference })

/** The fields of metav1.ObjectMeta that are read. */
export const metadataShape = object({
  name: string,
  generateName: string,
  namespace: string,
  uid: string,
  generation: integer,
  resourceVersion: string,
  deletionTimestamp: string,
  annotations: stringMap,
  labels: stringMap,
})

const credentialsShape = object({
  scheme: string,
  user: string,
  userFrom: secretSource,
  password: string,
  passwordFrom: secretSource,
  host: string,
  hostFrom: secretSource,
  port: integer,
  database: string,
  parameters: stringMap,
})

const variableShape = object({
  key: string,
  value: string,
  valueFrom: object({ secretKeyRef: keyReference, configMapKeyRef: keyReference }),
})

/**
 * `spec` of the CRD atlasmigrations.db.atlasgo.io v1alpha1 (operator 0.7 and 0.8), without the
 * fields that are never read.
 */
export const migrationSpecShape = object({
  envName: string,
  config: string,
  configFrom: secretSource,
  vars: { type: 'array', items: variableShape },
  cloud: object({ url: string, project: string, tokenFrom: secretSource }),
  url: string,
  urlFrom: secretSource,
  credentials: credentialsShape,
  devURL: string,
  devURLFrom: secretSource,
  devDB: object({}),
  revisionsSchema: string,
  baseline: string,
  execOrder: { type: 'string', enum: ['linear', 'linear-skip', 'non-linear'] },
  backoffLimit: integer,
  protectedFlows: object({ migrateDown: object({ allow: boolean, autoApprove: boolean }) }),
  policy: object({ drift: object({}) }),
  // The CRD requires `dir`; an object without it gets the finding "directory-missing" instead of a type error.
  dir: object({
    local: stringMap,
    configMapRef: object({ name: string }),
    remote: object({ name: string, tag: string }),
  }),
})

export const atlasMigrationShape = object({
  apiVersion: string,
  kind: string,
  metadata: metadataShape,
  spec: migrationSpecShape,
  status: object({ lastAppliedVersion: string, observed_hash: string }),
})

const coreMap: Shape = { type: 'object', additionalProperties: string, nullIsEmpty: true }

export const configMapShape = object({
  metadata: metadataShape,
  data: coreMap,
  binaryData: coreMap,
})

export const secretShape = object({
  metadata: metadataShape,
  type: string,
  data: coreMap,
  stringData: coreMap,
})
