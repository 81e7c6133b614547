import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { ControlPlaneError } from './control-plane-error.js'
import { eventually } from './eventually.js'
import { type Kubectl, kubectlOutput } from './kubectl.js'

const crdFile = resolve('test/fixtures/crd/db.atlasgo.io_atlasmigrations.yaml')
const listing = '/apis/db.atlasgo.io/v1alpha1/atlasmigrations'

/** Installs the definition of AtlasMigration, unless the cluster has it, and waits until it is served. */
export async function installAtlasCrd(kubectl: Kubectl): Promise<void> {
  const { code } = await kubectl(['get', 'customresourcedefinition/atlasmigrations.db.atlasgo.io'])
  // `apply` would keep the text in an annotation, which must not exceed 262144 bytes; it has 600 kB.
  if (code !== 0)
    await kubectlOutput(kubectl, ['create', '--filename=-'], { input: await definition() })
  // Not `kubectl wait`: it fails at once while the status has no conditions yet.
  const served = async () => (await kubectl(['get', '--raw', listing])).code === 0
  if (await eventually(served, 30_000)) return
  throw new ControlPlaneError('the API server does not serve AtlasMigrations 30 s after their CRD')
}

interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly schema: {
        readonly openAPIV3Schema: { readonly properties: { readonly spec: SpecSchema } }
      }
    }[]
  }
}

interface SpecSchema {
  readonly properties: Record<string, object>
}

/** What operator 0.8 added to the spec (its release notes of 2026-10-01), by name. */
const newFields = {
  policy: {
    type: 'object',
    properties: {
      drift: {
        type: 'object',
        properties: {
          onError: { type: 'string', enum: ['FAIL', 'CONTINUE'] },
          exclude: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
  prewarmDevDB: { type: 'boolean' },
}

/** The definition of operator 0.7 with the fields of 0.8, as JSON. */
async function definition(): Promise<string> {
  const read = parse(await readFile(crdFile, 'utf8')) as Definition
  for (const { schema } of read.spec.versions)
    Object.assign(schema.openAPIV3Schema.properties.spec.properties, newFields)
  return JSON.stringify(read)
}
