import { unknownOperator } from '../../../src/policy/facts/facts.js'
import type { Test } from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import type { AtlasMigrationSpec } from '../../../src/policy/facts/atlas-migration.js'
import type { Prediction } from '../../../src/atlas/engine/operator.js'
import type { Facts, Target } from '../../../src/policy/facts/facts.js'
import { parseHcl } from '../../../src/policy/text/hcl.js'
import type { Rule, Severity } from '../../../src/policy/facts/finding.js'

/** Facts of an AtlasMigration of which nothing is known but its spec, and what a test adds. */
export function specFacts(spec: AtlasMigrationSpec, known: Partial<Facts> = {}): Facts {
  const config: Facts['config'] = spec.config
    ? { kind: 'read', document: parseHcl(spec.config) }
    : { kind: 'none' }
  return {
    migration: { metadata: { name: 'app', namespace: 'default' }, spec },
    directory: { kind: 'none' },
    missing: [],
    target: { kind: 'none' },
    devTarget: { kind: 'none' },
    operator: unknownOperator,
    config,
    table: { kind: 'unread' },
    dirState: { kind: 'unread' },
    sharing: [],
    alike: { names: [], elsewhere: 0 },
    prediction: null,
    before: null,
    ...known,
  }
}

/** Facts of an AtlasMigration whose ConfigMap `files` holds these keys. */
export function contentFacts(
  data: Readonly<Record<string, string>>,
  known: Partial<Facts> = {},
): Facts {
  return specFacts(
    { url: 'postgres://db/app', dir: { configMapRef: { name: 'files' } } },
    { directory: readDirectory(data), ...known },
  )
}

export function readDirectory(
  data: Readonly<Record<string, string>>,
  binaryKeys: readonly string[] = [],
): Extract<Facts['directory'], { kind: 'read' }> {
  return {
    kind: 'read',
    source: 'configmap',
    name: 'files',
    data,
    binaryKeys,
    directory: buildDirectory(data),
  }
}

/** A PostgreSQL database, with what a test needs otherwise. */
export function resolved(changes: Partial<Target> = {}): Facts['target'] {
  return {
    kind: 'resolved',
    target: {
      dialect: 'postgres',
      host: 'db',
      port: 5432,
      database: 'app',
      boundSchema: null,
      revisionsSchema: 'atlas_schema_revisions',
      fromSecret: false,
      fingerprint: JSON.stringify(changes),
      ...changes,
    },
  }
}

/** A first reconcile that would run these files; nothing else of it is told. */
export function predicted(pending: readonly string[]): Prediction {
  const after = { revisions: null, notClean: null }
  const nothing = { error: null, status: null, downTarget: null, apply: null, after }
  return { first: { action: 'apply', pending, ...nothing }, next: null }
}

/** What a rule says: severity, then a part of what was found; null when it is silent. */
export type Said = readonly [severity: Severity, found: string] | null

/** Evaluates the rule and compares; whatever is found must be complete and fit for one line. */
export function check(
  t: Test,
  [rule, facts]: readonly [Rule, Facts],
  [title, expected]: readonly [string, Said],
): void {
  const finding = rule.evaluate(facts)
  t.equal(finding === null, expected === null, `${title}: found or not`)
  if (finding === null || expected === null) return
  t.equal(finding.severity ?? rule.severity, expected[0], `${title}: severity`)
  t.match(finding.found, expected[1], title)
  t.ok(finding.remedy.length > 0 && finding.subjects.length > 0, `${title}: complete`)
  t.match(finding.field, /^(spec|metadata)\./, `${title}: field`)
  const firstLine = `[${rule.id}] AtlasMigration app/app: ${finding.found}; fix: ${finding.remedy}`
  t.ok(firstLine.length <= 200, `${title}: ${firstLine.length} characters fit the first line`)
  t.notMatch(finding.found + finding.expected + finding.remedy, /[\x00-\x1f]/, `${title}: one line`)
}
