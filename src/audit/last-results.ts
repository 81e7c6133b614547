import type { Verdict } from '../review/ports/admission.js'
import { type MigrationAudit, resultOf } from '../review/audit/audit-migration.js'

/** Numbers over the last results of all audited AtlasMigrations. */
export interface ResultCounts {
  /** Number of findings by rule id. */
  readonly findings: ReadonlyMap<string, number>
  readonly migrations: Readonly<Record<Verdict, number>>
}

interface Line {
  readonly verdict: Verdict
  /** In the form `rule=fail`, as in the log of reviews. */
  readonly findings: readonly string[]
  readonly rules: readonly string[]
}

const verdicts = ['pass', 'warn', 'fail', 'error', 'skip'] as const

/**
 * The last audit result of each AtlasMigration, without its texts, because there may be thousands.
 */
export class LastResults {
  readonly #lines = new Map<string, Line>()

  /**
   * Stores a result.
   * @returns what the log should say, or null when nothing has changed
   */
  set(key: string, { verdict, judged }: Pick<MigrationAudit, 'verdict' | 'judged'>): Line | null {
    const old = this.#lines.get(key)
    const findings = judged.map(found => `${found.rule.id}=${resultOf(found)}`)
    const line = { verdict, findings, rules: judged.map(found => found.rule.id) }
    this.#lines.set(key, line)
    if (old === undefined) return verdict === 'pass' || verdict === 'skip' ? null : line
    const isSame = old.verdict === verdict && old.findings.join() === findings.join()
    return isSame ? null : line
  }

  delete(key: string): void {
    this.#lines.delete(key)
  }

  counts(): ResultCounts {
    const findings = new Map<string, number>()
    const migrations = Object.fromEntries(verdicts.map(verdict => [verdict, 0]))
    for (const { verdict, rules } of this.#lines.values()) {
      migrations[verdict] = (migrations[verdict] as number) + 1
      for (const rule of rules) findings.set(rule, (findings.get(rule) ?? 0) + 1)
    }
    return { findings, migrations: migrations as Record<Verdict, number> }
  }
}
