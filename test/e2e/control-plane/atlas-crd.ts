import { resolve } from 'node:path'
import { type Kubectl, kubectlOutput } from './kubectl.js'

const crdFile = resolve('test/fixtures/crd/db.atlasgo.io_atlasmigrations.yaml')
const crd = 'customresourcedefinition/atlasmigrations.db.atlasgo.io'

/** Installs the definition of AtlasMigration, unless the cluster has it, and waits until it is served. */
export async function installAtlasCrd(kubectl: Kubectl): Promise<void> {
  const { code } = await kubectl(['get', crd])
  // `apply` would keep the text in an annotation, which must not exceed 262144 bytes; it has 600 kB.
  if (code !== 0) await kubectlOutput(kubectl, ['create', `--filename=${crdFile}`])
  await kubectlOutput(kubectl, ['wait', '--for=condition=Established', '--timeout=30s', crd])
}
