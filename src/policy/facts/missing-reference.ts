import type { MissingReference } from './facts.js'

/** Says what does not exist, as a clause without a secret. */
export function describeMissing({ path, secret, key, reason, why }: MissingReference): string {
  if (reason === 'unreadable') return `Secret ${secret} (${path}) cannot be read: ${why}`
  return reason === 'secret-not-found'
    ? `Secret ${secret} (${path}) is not there`
    : `Secret ${secret} (${path}) has no key ${key}`
}
