import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ControlPlaneError } from './control-plane-error.js'
import type { ControlPlane } from './control-plane.js'
import { buildKubectl, kubectlOutput } from './kubectl.js'
import { makeTemporaryFolder } from './temporary-folder.js'

/**
 * Takes a cluster that runs already, with its own controllers.
 * @throws ControlPlaneError when the file or the cluster cannot be reached.
 */
export async function useExistingCluster(file: string, kubectl: string): Promise<ControlPlane> {
  const kubeconfig = resolve(file)
  await access(kubeconfig).catch((cause: unknown) => {
    const message = `ATLAS_ADMISSION_E2E_KUBECONFIG: ${kubeconfig} cannot be read`
    throw new ControlPlaneError(message, { cause })
  })
  const folder = await makeTemporaryFolder('atlas-admission-cluster-')
  const run = buildKubectl({ program: kubectl, kubeconfig, home: folder.path })
  await kubectlOutput(run, ['get', '--raw', '/readyz']).catch(async (error: unknown) => {
    await folder.remove()
    throw error
  })
  return {
    kubeconfig,
    kubectl: run,
    hasControllers: true,
    own: null,
    folder: folder.path,
    stop: () => folder.remove(),
  }
}
