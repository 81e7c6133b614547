import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import { runProgram } from '../programs/run-program.js'

/** An object of deploy/install.yaml. */
export interface ManifestObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [field: string]: unknown
}

/** Everything that `kubectl apply -f deploy/install.yaml` installs, in its order. */
export async function readManifest(): Promise<readonly ManifestObject[]> {
  return parseObjects(await readFile('deploy/install.yaml', 'utf8'))
}

/** The same with a values file, and the namespace that comes with install.yaml only; null where there is no Helm. */
export async function renderManifest(values: string): Promise<readonly ManifestObject[] | null> {
  const chart = ['deploy/chart/chart.mjs', 'render', values]
  const { code, stdout, stderr } = await runProgram(process.execPath, chart)
  if (stderr.startsWith('there is no Helm')) return null
  if (code !== 0) throw new Error(stderr)
  return [await readManifestObject('Namespace'), ...parseObjects(stdout)]
}

function parseObjects(text: string): readonly ManifestObject[] {
  return parseAllDocuments(text)
    .map(document => document.toJS() as ManifestObject | null)
    .filter(object => object !== null)
}

/** The object of a kind and name; the policy that holds our own account has another name than that of the rules. */
export async function readManifestObject(
  kind: string,
  name = 'atlas-admission',
): Promise<ManifestObject> {
  const [object, ...more] = (await readManifest()).filter(
    object => object.kind === kind && object.metadata.name === name,
  )
  if (object && more.length === 0) return object
  throw new Error(`deploy/install.yaml has ${object ? 'several' : 'no'} ${kind} ${name}`)
}
