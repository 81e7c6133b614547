import type { Facts } from '../facts/facts.js'
import type { Evidence } from '../facts/finding.js'

/** The kinds of object whose writes are judged. */
export type WrittenKind = 'AtlasMigration' | 'ConfigMap' | 'Secret'

/**
 * Whether a finding rests on another object than the written one. Flux dry-runs a whole set against
 * the cluster before it applies any of it, so a new object is then judged by the old content of the
 * others. On a dry run only what the written object alone proves may be denied.
 */
export function restsOnOthers(
  evidence: Evidence,
  { written, facts }: { readonly written: WrittenKind | null; readonly facts: Facts },
): boolean {
  if (evidence === 'references') return true
  if (written === 'ConfigMap') return evidence !== 'content'
  if (written !== 'AtlasMigration') return true
  if (evidence === 'spec') return false
  return hasForeignDirectory(facts) || (evidence === 'database' && hasForeignTarget(facts))
}

function hasForeignDirectory({ directory }: Facts): boolean {
  if (directory.kind === 'read') return directory.source === 'configmap'
  return directory.kind === 'configmap-missing' || directory.kind === 'unreadable'
}

function hasForeignTarget({ target }: Facts): boolean {
  if (target.kind === 'resolved') return target.target.fromSecret
  return target.kind === 'unresolved' || (target.kind === 'invalid' && target.fromSecret)
}
