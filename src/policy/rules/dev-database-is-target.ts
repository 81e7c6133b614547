import { maySet, readableConfig } from '../facts/custom-config.js'
import type { Facts, Target } from '../facts/facts.js'
import type { Finding, Rule, Severity } from '../facts/finding.js'

export const devDatabaseIsTarget: Rule = {
  id: 'dev-database-is-target',
  title: 'The dev database is the target database.',
  why: 'Atlas replays migrations on the dev database and cleans it afterwards: whatever it held is gone.',
  severity: 'deny',
  // Both URLs may come from Secrets, which a dry run sees as they were.
  evidence: 'references',
  order: 1060,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const { target, devTarget } = facts
  if (target.kind !== 'resolved' || devTarget.kind !== 'resolved') return null
  const severity = overlap(devTarget.target, target.target)
  // A custom config's own `url` and `dev` win over those of the spec.
  if (severity === null || maySet(readableConfig(facts), ['url', 'dev', 'for_each'])) return null
  return {
    found: 'the dev database is the target database, and Atlas cleans the dev database',
    expected: 'an empty database that nothing else uses',
    remedy: 'point spec.devURL to another database, or leave it out',
    field: facts.migration.spec.devURLFrom?.secretKeyRef ? 'spec.devURLFrom' : 'spec.devURL',
    subjects: ['spec.devURL'],
    severity,
  }
}

/** How sure it is that cleaning `dev` reaches the target; null when it does not. */
function overlap(dev: Target, target: Target): Severity | null {
  // Every opening of an in-memory SQLite database is a new one, although the URLs are equal.
  if (dev.dialect === 'sqlite') return null
  if (dev.fingerprint === target.fingerprint) return 'deny'
  if (family(dev) !== family(target) || host(dev) !== host(target) || dev.port !== target.port) {
    return null
  }
  return family(dev) === 'mysql' ? mysqlOverlap(dev, target) : postgresOverlap(dev, target)
}

/** In MySQL a database is a schema: a URL without one is bound to none and reaches all of them. */
function mysqlOverlap(dev: Target, target: Target): Severity | null {
  if (dev.database === '' || dev.database === target.database) return 'deny'
  return target.database === '' ? 'warn' : null
}

/** A URL with search_path reaches one schema only, the revisions table's among others. */
function postgresOverlap(dev: Target, target: Target): Severity | null {
  if (dev.database !== target.database) return null
  const holdsTarget = [target.boundSchema ?? 'public', target.revisionsSchema]
  if (dev.boundSchema === null || holdsTarget.includes(dev.boundSchema)) return 'deny'
  return target.boundSchema === null ? 'warn' : null
}

/** Other databases put more than host and path into a URL: for those only equal URLs count. */
function family({ dialect, fingerprint }: Target): string {
  if (dialect === 'postgres') return dialect
  return dialect === 'mysql' || dialect === 'mariadb' ? 'mysql' : fingerprint
}

const loopback = new Set(['', 'localhost', '127.0.0.1', '::1', '[::1]'])

/** Spellings of one host: case, final dot, loopback names, and a Service's short and long names. */
function host(target: Target): string {
  const name = target.host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\.svc(\.cluster\.local)?$/, '')
  return loopback.has(name) ? 'localhost' : name
}
