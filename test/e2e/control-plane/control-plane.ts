import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Resources } from '../../../src/gate/resources.js'
import { type ApiServerSetup, prepareApiServer, RestartableApiServer } from './api-server.js'
import type { ControlPlanePrograms } from './build-control-plane.js'
import { ControlPlaneError } from './control-plane-error.js'
import { startControllerManager } from './controller-manager.js'
import { startEtcd } from './etcd.js'
import {
  admin,
  type ClusterUser,
  formatKubeconfig,
  type TokenUser,
  withToken,
  writeKubeconfig,
} from './kubeconfig.js'
import { buildKubectl, type Kubectl } from './kubectl.js'
import { makeTemporaryFolder } from './temporary-folder.js'

/** A Kubernetes API server that the tests may write to. */
export interface ControlPlane {
  /** Path of a kubeconfig that may do everything. */
  readonly kubeconfig: string
  /** kubectl as that administrator, unless its options name another kubeconfig. */
  readonly kubectl: Kubectl
  /** Deletes namespaces to their end, and what an owner leaves behind. */
  readonly hasControllers: boolean
  /** null for a cluster that ran before. */
  readonly own: OwnControlPlane | null
  /** A folder of the tests' own, gone after the stop. */
  readonly folder: string
  /** Ends everything that was started and removes the folder. Idempotent. */
  stop(): Promise<void>
}

/** What only a control plane of one's own can do. */
export interface OwnControlPlane {
  readonly url: string
  /** Path of the kubeconfig of one of `users`. */
  userKubeconfig(name: string): Promise<string>
  /** Data and address stay. */
  stopApiServer(): Promise<void>
  /** Resolves when it is ready again. */
  startApiServer(): Promise<void>
  restartApiServer(): Promise<void>
  readLog(program: 'kube-apiserver' | 'etcd' | 'kube-controller-manager'): Promise<string>
}

export interface ControlPlaneOptions {
  readonly programs: ControlPlanePrograms
  /** In addition to the administrator. */
  readonly users?: readonly ClusterUser[]
  /** For the API server, such as `--feature-gates=…`. */
  readonly apiServerArguments?: readonly string[]
  /** From the start to `/readyz`; 3 to 5 s on an idle machine with two cores. Default: 90 s. */
  readonly readyTimeoutMs?: number
}

/**
 * Starts etcd, kube-apiserver and, when it is there, kube-controller-manager on free ports of 127.0.0.1.
 * @throws ControlPlaneError with the last lines of its log when the API server does not become ready; nothing is left.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const resources = new Resources()
  try {
    return await start(options, resources)
  } catch (error) {
    await resources.releaseAll()
    throw error
  }
}

async function start(options: ControlPlaneOptions, resources: Resources): Promise<ControlPlane> {
  const { programs } = options
  const folder = resources.add(await makeTemporaryFolder('atlas-admission-control-plane-'), made =>
    made.remove(),
  ).path
  const etcd = await startEtcd(programs.etcd, folder)
  resources.add(etcd.program, program => program.stop())
  const administrator = withToken(admin)
  const users = [administrator, ...(options.users ?? []).map(withToken)]
  const setup = await prepareApiServer({
    program: programs.apiServer,
    folder,
    etcdUrl: etcd.url,
    users,
    arguments: options.apiServerArguments ?? [],
  })
  const { token } = administrator
  const readiness = { cluster: setup.cluster, token, timeoutMs: options.readyTimeoutMs ?? 90_000 }
  const apiServer = resources.add(new RestartableApiServer(setup, readiness), server =>
    server.stop(),
  )
  await apiServer.start()
  const kubeconfig = await writeKubeconfig(folder, 'admin', formatKubeconfig(setup.cluster, token))
  if (programs.controllerManager) {
    const program = programs.controllerManager
    const controllers = await startControllerManager({ program, folder, kubeconfig })
    resources.add(controllers, child => child.stop())
  }
  return {
    kubeconfig,
    kubectl: buildKubectl({ program: programs.kubectl, kubeconfig, home: folder }),
    hasControllers: programs.controllerManager !== null,
    own: ownControlPlane(apiServer, users, setup),
    folder,
    stop: () => resources.releaseAll(),
  }
}

function ownControlPlane(
  apiServer: RestartableApiServer,
  users: readonly TokenUser[],
  { cluster, folder }: ApiServerSetup,
): OwnControlPlane {
  return {
    url: cluster.url,
    async userKubeconfig(name) {
      const user = users.find(user => user.name === name)
      if (!user) throw new ControlPlaneError(`${name} is none of the users it was started with`)
      return writeKubeconfig(folder, name, formatKubeconfig(cluster, user.token))
    },
    stopApiServer: () => apiServer.stop(),
    startApiServer: () => apiServer.start(),
    async restartApiServer() {
      await apiServer.stop()
      await apiServer.start()
    },
    readLog: program => readFile(join(folder, `${program}.log`), 'utf8'),
  }
}
