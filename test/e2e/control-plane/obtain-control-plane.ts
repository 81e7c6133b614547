import { buildControlPlane, obtainKubectl } from './build-control-plane.js'
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.js'
import { useExistingCluster } from './existing-cluster.js'
import type { Log } from './go-program.js'
import { readControlPlaneSettings } from './settings.js'

const logToStderr: Log = line => void process.stderr.write(`${line}\n`)

/** What a test file calls: the cluster of ATLAS_ADMISSION_E2E_KUBECONFIG, or else a control plane of its own. */
export async function obtainControlPlane(
  options: Omit<ControlPlaneOptions, 'programs'> = {},
): Promise<ControlPlane> {
  const settings = readControlPlaneSettings()
  if (settings.kubeconfig) {
    return useExistingCluster(settings.kubeconfig, await obtainKubectl(settings, logToStderr))
  }
  const programs = await buildControlPlane(settings, logToStderr)
  return startControlPlane({ ...options, programs })
}
