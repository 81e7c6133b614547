import type { JudgedFinding } from '../policy/enforcement/enforcement.js'
import { fullText } from '../policy/message.js'
import { sanitizeText, shorten } from '../policy/text/sanitize-text.js'
import { type MigrationAudit, resultOf } from '../review/audit/audit-migration.js'
import type { AuditReport, ReportResult } from '../review/audit/audit-ports.js'

const maxMessage = 1024
const maxProperty = 256

/**
 * The report on one audited AtlasMigration: a result for each finding, and one for what could not
 * be judged.
 */
export function buildReport(result: MigrationAudit): AuditReport {
  const results = [...result.judged.map(findingResult), ...result.undecided.map(undecidedResult)]
  return { object: result.object, results: results.length > 0 ? results : [passed(result)] }
}

const severities = { deny: 'high', warn: 'medium', audit: 'low' } as const

function findingResult(found: JudgedFinding): ReportResult {
  const { rule, finding, cause, reason } = found
  return {
    rule: rule.id,
    result: resultOf(found),
    severity: severities[found.action],
    message: shorten(fullText(found), maxMessage),
    properties: {
      ...(finding.field !== '' && { field: property(finding.field) }),
      ...(finding.details?.length && { details: property(finding.details.join('; ')) }),
      ...(cause !== null && { [cause]: property(reason) }),
    },
  }
}

function undecidedResult(reason: string): ReportResult {
  const message = shorten(sanitizeText(`cannot decide: ${reason}`), maxMessage)
  return { rule: '', result: 'error', severity: 'medium', message, properties: {} }
}

function passed({ unchecked }: MigrationAudit): ReportResult {
  const message = 'nothing would go wrong'
  const properties = unchecked.length > 0 ? { 'not-checked': property(unchecked.join(', ')) } : {}
  return { rule: '', result: 'pass', severity: 'low', message, properties }
}

function property(text: string): string {
  return shorten(sanitizeText(text), maxProperty)
}
