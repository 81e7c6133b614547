import type { Credentials } from '../../policy/facts/atlas-migration.js'

/**
 * The URL that the operator makes of credentials. It drops a password without a user, so this does
 * too.
 */
export function credentialsUrl(credentials: Credentials): string {
  const { user, password, host = '', port = 0, database = '' } = credentials
  const encode = encodeWellFormed
  // A scheme of any other form could turn what follows it into a host, a parameter or a user's
  // name.
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*$/.test(credentials.scheme ?? '')
    ? credentials.scheme
    : ''
  const secret = password ? `:${encode(password)}` : ''
  const userInfo = user ? `${encode(user)}${secret}@` : ''
  const authority = port > 0 ? `${host}:${port}` : host
  const query = new URLSearchParams({ ...credentials.parameters })
  query.sort()
  const path = database === '' || database.startsWith('/') ? database : `/${database}`
  const search = query.size > 0 ? `?${query.toString()}` : ''
  return `${scheme}://${userInfo}${authority}${encodePath(path)}${search}`
}

/**
 * JSON can hold half of a surrogate pair. Go reads it as U+FFFD, while encodeURIComponent throws.
 */
function encodeWellFormed(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\uFFFD'))
}

function encodePath(path: string): string {
  return path.split('/').map(encodeWellFormed).join('/')
}
