import { resolve } from 'node:path'
import { ControlPlaneError } from './control-plane-error.js'
import { eventually } from './eventually.js'
import { type Kubectl, kubectlOutput } from './kubectl.js'

const crdFile = resolve('test/fixtures/crd/db.atlasgo.io_atlasmigrations.yaml')
const listing = '/apis/db.atlasgo.io/v1alpha1/atlasmigrations'

/** Installs the definition of AtlasMigration, unless the cluster has it, and waits until it is served. */
export async function installAtlasCrd(kubectl: Kubectl): Promise<void> {
  const { code } = await kubectl(['get', 'customresourcedefinition/atlasmigrations.db.atlasgo.io'])
  // `apply` would keep the text in an annotation, which must not exceed 262144 bytes; it has 600 kB.
  if (code !== 0) await kubectlOutput(kubectl, ['create', `--filename=${crdFile}`])
  // Not `kubectl wait`: it fails at once while the status has no conditions yet.
  const served = async () => (await kubectl(['get', '--raw', listing])).code === 0
  if (await eventually(served, 30_000)) return
  throw new ControlPlaneError('the API server does not serve AtlasMigrations 30 s after their CRD')
}
