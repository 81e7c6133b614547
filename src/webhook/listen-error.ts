import { CodedError } from '../review/ports/coded-error.js'
import { type Endpoint, formatEndpoint } from './endpoint.js'

export interface ListenFailure {
  readonly endpoint: Endpoint
  /** The option that chose the endpoint, such as `--listen`. */
  readonly option: string
  readonly cause: unknown
}

/** The port cannot be listened on. Exit code 3. */
export class ListenError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_LISTEN'

  constructor({ endpoint, option, cause }: ListenFailure) {
    const { code } = cause as NodeJS.ErrnoException
    super(describe(formatEndpoint(endpoint), String(code), option), { cause })
  }
}

function describe(address: string, code: string, option: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `${address} is taken by another process; stop it or choose another with ${option}`
    case 'EACCES':
      return `no permission to listen on ${address}; choose a port above 1023 with ${option}`
    case 'EADDRNOTAVAIL':
      return `${address} is no address of this machine; choose another with ${option}`
    default:
      return `cannot listen on ${address} (${code}); check ${option}`
  }
}
