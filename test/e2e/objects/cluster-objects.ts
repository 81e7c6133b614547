import { buildDirectory } from '../../../src/atlas/directory/directory.js'

/** What a client sends. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMetadata
  readonly [field: string]: unknown
}

interface ObjectMetadata {
  readonly namespace: string
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export type Texts = Readonly<Record<string, string>>

export function migration(namespace: string, name: string, spec: object): KubernetesObject {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { namespace, name },
    spec,
  }
}

export function configMap(namespace: string, name: string, data: Texts): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data }
}

/** A Secret that the user has labelled for us. Its values are given in clear. */
export function databaseSecret(namespace: string, name: string, values: Texts): KubernetesObject {
  const encoded = Object.entries(values).map(
    ([key, value]) => [key, Buffer.from(value).toString('base64')] as const,
  )
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, labels: { 'atlas-admission.io/database': 'true' } },
    data: Object.fromEntries(encoded),
  }
}

/** The files with their atlas.sum, as after `atlas migrate hash`. */
export function hashed(files: Texts): Texts {
  const { total, lines } = buildDirectory(files).sum()
  const text = lines.map(({ name, hash }) => `${name} h1:${hash}\n`).join('')
  return { ...files, 'atlas.sum': `h1:${total}\n${text}` }
}

/** `AtlasMigration/shop/schema`, as Flux writes it. */
export function objectKey({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind}/${namespace}/${name}`
}
