import { join } from 'node:path'
import { ControlPlaneMissing } from './control-plane-error.js'
import { downloadEtcd, findEtcd } from './etcd-program.js'
import { findExecutable } from '../programs/find-program.js'
import {
  buildGoProgram,
  findGo,
  type GoProgram,
  kubernetesModule,
  type Log,
  readKubernetesVersion,
} from './go-program.js'
import { findKubectl } from './kubectl-program.js'
import type { ControlPlaneSettings } from './settings.js'

/** Paths of the programs that make a control plane. */
export interface ControlPlanePrograms {
  readonly etcd: string
  readonly apiServer: string
  readonly kubectl: string
  /** null: namespaces stay in Terminating, and nothing is deleted with its owner. */
  readonly controllerManager: string | null
}

const kubernetesProgram = (name: string, minutes: number): GoProgram => ({
  name,
  package: `k8s.io/kubernetes/cmd/${name}`,
  minutes,
})
const apiServer = kubernetesProgram('kube-apiserver', 10)
const controllerManager = kubernetesProgram('kube-controller-manager', 6)
const kubectl = kubernetesProgram('kubectl', 2)
const etcd: GoProgram = { name: 'etcd', package: 'go.etcd.io/etcd/server/v3', minutes: 2 }

export type BuildSettings = Pick<
  ControlPlaneSettings,
  'cacheFolder' | 'assetsFolder' | 'buildControllerManager'
>

/**
 * Finds every program, and builds what is not there: first KUBEBUILDER_ASSETS, then the cache, then the system's
 * (etcd and kubectl only), then Debian's package of etcd, then Go.
 * @throws ControlPlaneMissing with everything that can be done, when none of these has one.
 * @throws ControlPlaneError when a build fails.
 */
export async function buildControlPlane(
  settings: BuildSettings,
  log: Log,
): Promise<ControlPlanePrograms> {
  const search = await prepareSearch(settings, log)
  return {
    apiServer: (await findReady(apiServer, search)) ?? (await build(apiServer, search)),
    etcd:
      (await findReady(etcd, search)) ??
      (await findEtcd()) ??
      (await downloadEtcd(search.folder, log)) ??
      (await build(etcd, search)),
    kubectl: await obtainKubectl(settings, log),
    controllerManager:
      (await findReady(controllerManager, search)) ??
      (settings.buildControllerManager ? await build(controllerManager, search) : null),
  }
}

/** kubectl alone, for a cluster that runs already. @throws as {@link buildControlPlane}. */
export async function obtainKubectl(settings: BuildSettings, log: Log): Promise<string> {
  const search = await prepareSearch(settings, log)
  return (
    (await findReady(kubectl, search)) ?? (await findKubectl()) ?? (await build(kubectl, search))
  )
}

async function prepareSearch(settings: BuildSettings, log: Log): Promise<Search> {
  const version = await readKubernetesVersion()
  const folder = join(settings.cacheFolder, version)
  return { assets: settings.assetsFolder, folder, version, log }
}

interface Search {
  readonly assets: string | null
  readonly folder: string
  readonly version: string
  readonly log: Log
}

async function findReady({ name }: GoProgram, { assets, folder }: Search): Promise<string | null> {
  const given = assets ? await findExecutable(assets, name) : null
  return given ?? findExecutable(folder, name)
}

async function build(program: GoProgram, { assets, folder, version, log }: Search) {
  const go = await findGo()
  if (go) return buildGoProgram(program, { go, folder, version, log })
  throw new ControlPlaneMissing(
    `the end-to-end tests need ${program.name}, which is not in ` +
      (assets ? `KUBEBUILDER_ASSETS (${assets}) or ` : '') +
      `the cache (${folder}), and there is no Go to build it. One of these helps:\n` +
      `  - install Go 1.21 or newer: ${kubernetesModule} is then built once, from the module proxy\n` +
      '  - set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl, such as ' +
      '`setup-envtest use -p path` prints\n' +
      '  - set ATLAS_ADMISSION_E2E_KUBECONFIG to the kubeconfig of a cluster that may be written to\n' +
      '  - skip them: npm run test:e2e -- --if-available',
  )
}
