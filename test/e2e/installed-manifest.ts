import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'

/** An object of deploy/install.yaml. */
export interface ManifestObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [field: string]: unknown
}

/** Everything that `kubectl apply -f deploy/install.yaml` installs, in its order. */
export async function readManifest(): Promise<readonly ManifestObject[]> {
  const documents = parseAllDocuments(await readFile('deploy/install.yaml', 'utf8'))
  return documents.map(document => document.toJS() as ManifestObject)
}

/** The only object of a kind. */
export async function readManifestObject(kind: string): Promise<ManifestObject> {
  const [object, ...more] = (await readManifest()).filter(object => object.kind === kind)
  if (object && more.length === 0) return object
  throw new Error(`deploy/install.yaml has ${object ? 'several objects' : 'no object'} of ${kind}`)
}
