import type { Endpoint } from '../../webhook/endpoint.js'
import { UsageError } from './usage-error.js'

/**
 * Parses `HOST:PORT`, with an IPv6 address in brackets. Port 0 lets the system choose.
 * @throws UsageError
 */
export function parseEndpoint(text: string, option: string): Endpoint {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (!match || port > 65_535)
    throw new UsageError(
      `--${option}: "${text}" is no HOST:PORT; expected something like 127.0.0.1:8443 or [::1]:8443`,
    )
  return { host: (match[1] ?? match[2]) as string, port }
}
