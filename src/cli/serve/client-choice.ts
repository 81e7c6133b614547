import type { ClientOptions } from '../../webhook/tls/client-authority.js'
import type { Arguments } from '../line/arguments.js'
import { UsageError } from '../line/usage-error.js'

/** Whose reviews are answered; null: those of whoever reaches the port. Throws a UsageError for names alone or none. */
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
