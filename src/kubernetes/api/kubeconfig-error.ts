import { CodedError } from '../../review/ports/coded-error.js'

/** There is no usable configuration to reach an API server with. Exit code 2. */
export class KubeconfigError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_KUBECONFIG'
}
