/** The fields of a part of the spec; null where anything may stand below the field. */
export type SpecFields = ReadonlyMap<string, SpecFields | null>

function fields(names: Readonly<Record<string, SpecFields | null>>): SpecFields {
  return new Map(Object.entries(names))
}

const keyReference = fields({ name: null, key: null, optional: null })
const secretSource = fields({ secretKeyRef: keyReference })

/**
 * Every field of `spec` that the custom resource definition of AtlasMigration has
 * (atlasmigrations.db.atlasgo.io, v1alpha1), in the operator's version 0.7 or 0.8; `policy` and
 * `prewarmDevDB` came with 0.8. An API server drops all others without a word before it calls a
 * webhook. `devDB` is the template of a Deployment and is not followed.
 */
export const specFields: SpecFields = fields({
  backoffLimit: null,
  baseline: null,
  cloud: fields({ project: null, tokenFrom: secretSource, url: null }),
  config: null,
  configFrom: secretSource,
  credentials: fields({
    database: null,
    host: null,
    hostFrom: secretSource,
    parameters: null,
    password: null,
    passwordFrom: secretSource,
    port: null,
    scheme: null,
    user: null,
    userFrom: secretSource,
  }),
  devDB: null,
  devURL: null,
  devURLFrom: secretSource,
  dir: fields({
    configMapRef: fields({ name: null }),
    local: null,
    remote: fields({ name: null, tag: null }),
  }),
  envName: null,
  execOrder: null,
  policy: fields({ drift: fields({ onError: null, exclude: null }) }),
  prewarmDevDB: null,
  protectedFlows: fields({ migrateDown: fields({ allow: null, autoApprove: null }) }),
  revisionsSchema: null,
  url: null,
  urlFrom: secretSource,
  vars: fields({
    key: null,
    value: null,
    valueFrom: fields({ configMapKeyRef: keyReference, secretKeyRef: keyReference }),
  }),
})
