import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the environment says about the control plane of the end-to-end tests. */
export interface ControlPlaneSettings {
  /** Where programs that were built or downloaded are kept, outside the repository; one folder per version below. */
  readonly cacheFolder: string
  /** A folder with kube-apiserver, etcd and perhaps kubectl, as setup-envtest and kubebuilder lay it out. */
  readonly assetsFolder: string | null
  /** A cluster that runs already: nothing is built or started. */
  readonly kubeconfig: string | null
  /** The address under which the API server reaches this machine; what the tests serve listens there. */
  readonly webhookHost: string
  /** Also build the controllers that delete namespaces and what an owner leaves behind. */
  readonly buildControllerManager: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads the variables of {@link ControlPlaneSettings}; an empty one counts as not set. */
export function readControlPlaneSettings(
  environment: Environment = process.env,
): ControlPlaneSettings {
  const value = (name: string) => environment[name] || null
  const caches = value('XDG_CACHE_HOME') ?? join(homedir(), '.cache')
  return {
    cacheFolder:
      value('ATLAS_ADMISSION_E2E_CACHE') ?? join(caches, 'atlas-admission', 'control-plane'),
    assetsFolder: value('KUBEBUILDER_ASSETS'),
    kubeconfig: value('ATLAS_ADMISSION_E2E_KUBECONFIG'),
    webhookHost: value('ATLAS_ADMISSION_E2E_WEBHOOK_HOST') ?? '127.0.0.1',
    buildControllerManager: value('ATLAS_ADMISSION_E2E_CONTROLLER_MANAGER') === '1',
  }
}
