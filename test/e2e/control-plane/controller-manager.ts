import { join } from 'node:path'
import { type ChildProgram, startChild } from './child-program.js'

export interface ControllerManagerOptions {
  readonly program: string
  readonly folder: string
  readonly kubeconfig: string
}

/** Only what deletes: the objects of a namespace that goes, and what was owned by an object that went. */
export function startControllerManager(options: ControllerManagerOptions): Promise<ChildProgram> {
  const { program, folder, kubeconfig } = options
  return startChild('kube-controller-manager', {
    program,
    arguments: [
      `--kubeconfig=${kubeconfig}`,
      '--controllers=namespace-controller,garbage-collector-controller',
      '--leader-elect=false',
      // Its own port would serve metrics, which nobody reads.
      '--secure-port=0',
    ],
    logFile: join(folder, 'kube-controller-manager.log'),
  })
}
