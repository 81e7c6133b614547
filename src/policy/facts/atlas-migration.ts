/** `{name, key}` of a Secret or ConfigMap in the object's own namespace. */
export interface KeyReference {
  readonly name?: string
  readonly key: string
  readonly optional?: boolean
}

/** A value that comes from a Secret, in the operator's form (db.atlasgo.io/v1alpha1). */
export interface SecretSource {
  readonly secretKeyRef?: KeyReference
}

export interface Credentials {
  readonly scheme?: string
  readonly user?: string
  readonly userFrom?: SecretSource
  readonly password?: string
  readonly passwordFrom?: SecretSource
  readonly host?: string
  readonly hostFrom?: SecretSource
  readonly port?: number
  readonly database?: string
  readonly parameters?: Readonly<Record<string, string>>
}

export interface DirectorySource {
  readonly local?: Readonly<Record<string, string>>
  readonly configMapRef?: { readonly name?: string }
  readonly remote?: { readonly name?: string; readonly tag?: string }
}

export interface Variable {
  readonly key?: string
  readonly value?: string
  readonly valueFrom?: {
    readonly secretKeyRef?: KeyReference
    readonly configMapKeyRef?: KeyReference
  }
}

export type ExecutionOrder = 'linear' | 'linear-skip' | 'non-linear'

/**
 * `spec` of an AtlasMigration, db.atlasgo.io/v1alpha1, operator 0.7 and 0.8. Fields that are never
 * read are left out.
 */
export interface AtlasMigrationSpec {
  readonly envName?: string
  readonly config?: string
  readonly configFrom?: SecretSource
  readonly vars?: readonly Variable[]
  readonly cloud?: {
    readonly url?: string
    readonly project?: string
    readonly tokenFrom?: SecretSource
  }
  readonly url?: string
  readonly urlFrom?: SecretSource
  readonly credentials?: Credentials
  readonly devURL?: string
  readonly devURLFrom?: SecretSource
  readonly devDB?: Readonly<Record<string, unknown>>
  readonly revisionsSchema?: string
  readonly baseline?: string
  readonly execOrder?: ExecutionOrder
  readonly backoffLimit?: number
  readonly protectedFlows?: {
    readonly migrateDown?: { readonly allow?: boolean; readonly autoApprove?: boolean }
  }
  /** Since operator 0.8. Whether `drift` is there matters, not what it holds. */
  readonly policy?: { readonly drift?: Readonly<Record<string, unknown>> }
  readonly dir?: DirectorySource
}

export interface ObjectMetadata {
  readonly name?: string
  readonly generateName?: string
  readonly namespace?: string
  readonly uid?: string
  readonly generation?: number
  readonly resourceVersion?: string
  readonly deletionTimestamp?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}

/** An AtlasMigration whose types were checked. Its values are still untrusted. */
export interface AtlasMigration {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMetadata
  readonly spec: AtlasMigrationSpec
  readonly status?: {
    readonly lastAppliedVersion?: string
    readonly observed_hash?: string
  }
}

/**
 * A core/v1 ConfigMap. Of `binaryData` only the keys matter, because the operator never reads it.
 */
export interface ConfigMap {
  readonly metadata: ObjectMetadata
  readonly data?: Readonly<Record<string, string>>
  readonly binaryData?: Readonly<Record<string, string>>
}

/** A core/v1 Secret, with values in base64 as the API server sends them. */
export interface Secret {
  readonly metadata: ObjectMetadata
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
  readonly stringData?: Readonly<Record<string, string>>
}
