import type { ClientOptions } from '../../webhook/tls/client-authority.js'
import type { Arguments } from '../line/arguments.js'
import { UsageError } from '../line/usage-error.js'

/**
 * The clients whose reviews are answered; null: all that reach the port.
 * @throws UsageError for names without an authority, and for an empty name.
 */
export function parseClientChoice(args: Arguments): ClientOptions | null {
  const caFile = args.value('client-ca')
  const text = args.value('client-names')
  if (caFile === undefined) {
    if (text !== undefined) throw new UsageError('--client-names needs --client-ca')
    return null
  }
  const names = text?.split(',').map(name => name.trim()) ?? []
  if (names.includes(''))
    throw new UsageError(
      '--client-names: an empty name; expected something like kube-apiserver,apiserver.example.com',
    )
  return { caFile, names }
}
