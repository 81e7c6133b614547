/** A right that RBAC grants. */
export interface Right {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch'
  /** The plural, with its group: `secrets`, `atlasmigrations.db.atlasgo.io`. */
  readonly resource: string
  /** null: in all namespaces. */
  readonly namespace: string | null
}

/**
 * Why a request failed, in words fit for a user's message. They hold neither addresses nor the API
 * server's own text, which names its users.
 */
export function failureReason(error: unknown, right: Right): string {
  const { name, code, statusCode } = describe(error)
  if (statusCode === 403) return missingRight(right)
  if (statusCode === 401) return 'the API server does not accept the credentials (401)'
  if (statusCode === 429) return 'the API server is overloaded (429)'
  if (statusCode !== undefined) return `the API server answered ${statusCode}`
  if (name === 'TimeoutError' || name === 'AbortError')
    return 'the API server did not answer in time'
  if (name === 'SyntaxError') return 'the API server did not answer with JSON'
  return `the API server cannot be asked (${code ?? name})`
}

function missingRight({ verb, resource, namespace }: Right): string {
  const where = namespace === null ? 'in all namespaces' : `in namespace ${namespace}`
  return `no right to ${verb} ${resource} ${where} (RBAC: ${verb} ${resource})`
}

function describe(error: unknown): {
  readonly name: string
  readonly code: string | undefined
  readonly statusCode: number | undefined
} {
  const { name, statusCode, code, cause } = Object(error) as Readonly<Record<string, unknown>>
  // fetch rejects with a TypeError, whose cause tells what happened.
  const inner = (Object(cause) as Readonly<Record<string, unknown>>)['code'] ?? code
  return {
    name: String(name),
    code: typeof inner === 'string' ? inner : undefined,
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
  }
}
