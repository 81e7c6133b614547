import { join } from 'node:path'
import { type ChildProgram, startChild } from '../programs/child-program.js'

export interface ControllerManagerOptions {
  readonly program: string
  readonly folder: string
  readonly kubeconfig: string
}

const controllers = [
  'namespace-controller',
  'garbage-collector-controller',
  'validatingadmissionpolicy-status-controller',
]

/**
 * What deletes (the objects of a namespace that goes, and what was owned by an object that went), and what checks the
 * types in the expressions of policies.
 */
export function startControllerManager(options: ControllerManagerOptions): Promise<ChildProgram> {
  const { program, folder, kubeconfig } = options
  return startChild('kube-controller-manager', {
    program,
    arguments: [
      `--kubeconfig=${kubeconfig}`,
      `--controllers=${controllers.join(',')}`,
      '--leader-elect=false',
      // Its own port would serve metrics, which nobody reads.
      '--secure-port=0',
    ],
    logFile: join(folder, 'kube-controller-manager.log'),
  })
}
