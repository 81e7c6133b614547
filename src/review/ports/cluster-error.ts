import { CodedError } from './coded-error.js'

/**
 * The cluster, or the folder that stands for it, could not be asked. `reason` may stand in a
 * message.
 */
export class ClusterError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_CLUSTER_READ'
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super(`cannot read from the cluster: ${reason}`, options)
    this.reason = reason
  }
}
