import type { Facts, Target } from '../facts/facts.js'

/** Why a host may not be found, and what to write instead. */
export interface BareHost {
  readonly because: string
  readonly remedy: string
}

/** A label of its own, as the name of a Service: no dot, no address, no folder. */
const label = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/**
 * What to say of a host without a namespace; null for any other. A bare name is looked up in the
 * namespace of the pod that asks, which is the operator's, not that of the AtlasMigration.
 */
export function bareHost({ target, migration }: Facts): BareHost | null {
  if (target.kind !== 'resolved' || !isBare(target.target)) return null
  const { host } = target.target
  return textOf(host, host, migration)
}

/** The same without the host where it may come from a Secret, for messages that others read. */
export function bareHostConcealed(facts: Facts): BareHost | null {
  const { target, migration } = facts
  const isSecret = target.kind === 'resolved' && target.target.fromSecret
  return isSecret && bareHost(facts) !== null
    ? textOf('the host of the URL', 'name', migration)
    : bareHost(facts)
}

function textOf(name: string, written: string, migration: Facts['migration']): BareHost {
  return {
    because: `${name} has no namespace: the operator looks for it in its own`,
    remedy: `write ${written}.${migration.metadata.namespace ?? 'namespace'}, if that is where the Service is`,
  }
}

function isBare({ dialect, host }: Target): boolean {
  const hasHost = dialect === 'postgres' || dialect === 'mysql' || dialect === 'mariadb'
  return hasHost && host.toLowerCase() !== 'localhost' && label.test(host)
}
