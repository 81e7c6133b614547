import { maySet, readableConfig } from '../facts/custom-config.js'
import type { Facts, Target } from '../facts/facts.js'
import type { Finding, Rule, Severity } from '../facts/finding.js'

export const devDatabaseIsTarget: Rule = {
  id: 'dev-database-is-target',
  title: 'The dev database is the target database.',
  why: 'Atlas replays migrations on the dev database and cleans it afterwards: whatever it held is gone.',
  severity: 'deny',
  // Both URLs may come from Secrets, and a dry run sees those as they were.
  evidence: 'references',
  order: 1060,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const { target, devTarget } = facts
  if (target.kind !== 'resolved' || devTarget.kind !== 'resolved') return null
  const severity = overlap(devTarget.target, target.target)
  // A custom config's `url` and `dev` win over those of the spec.
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

/**
 * How certain it is that cleaning `dev` deletes from the target, as a severity; null when it does
 * not.
 */
function overlap(dev: Target, target: Target): Severity | null {
  // Every in-memory SQLite database is a new one when it is opened, although the URLs are equal.
  if (dev.dialect === 'sqlite') return null
  if (dev.fingerprint === target.fingerprint) return 'deny'
  if (family(dev) !== family(target) || host(dev) !== host(target) || dev.port !== target.port) {
    return null
  }
  return family(dev) === 'mysql' ? mysqlOverlap(dev, target) : postgresOverlap(dev, target)
}

/** In MySQL a database is a schema. A URL without one is bound to none and reaches all of them. */
function mysqlOverlap(dev: Target, target: Target): Severity | null {
  if (dev.database === '' || dev.database === target.database) return 'deny'
  return target.database === '' ? 'warn' : null
}

/**
 * A dev URL with search_path cleans only one schema. It hits the target if that schema is the
 * target's own, or the one with its revisions table.
 */
function postgresOverlap(dev: Target, target: Target): Severity | null {
  if (dev.database !== target.database) return null
  const holdsTarget = [target.boundSchema ?? 'public', target.revisionsSchema]
  if (dev.boundSchema === null || holdsTarget.includes(dev.boundSchema)) return 'deny'
  return target.boundSchema === null ? 'warn' : null
}

/**
 * A key that is equal for dialects whose URLs can be compared part by part. Other databases put
 * more than host and path into a URL, so for those only equal URLs count.
 */
function family({ dialect, fingerprint }: Target): string {
  if (dialect === 'postgres') return dialect
  return dialect === 'mysql' || dialect === 'mariadb' ? 'mysql' : fingerprint
}

const loopback = new Set(['', 'localhost', '127.0.0.1', '::1', '[::1]'])

/**
 * Makes one host of its spellings: case, final dot, loopback names, and the short and long names of
 * a Service.
 */
function host(target: Target): string {
  const name = target.host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/\.svc(\.cluster\.local)?$/, '')
  return loopback.has(name) ? 'localhost' : name
}
