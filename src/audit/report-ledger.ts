import { createHash } from 'node:crypto'
import type { MigrationAudit } from '../review/audit/audit-migration.js'
import type { AuditReports } from '../review/audit/audit-ports.js'
import { buildReport } from './report-content.js'

/** Remembers the last report on each object, so that only changes are written. */
export class ReportLedger {
  readonly #reports: AuditReports
  readonly #written = new Map<string, string>()

  constructor(reports: AuditReports) {
    this.#reports = reports
  }

  forget(uid: string): void {
    this.#written.delete(uid)
  }

  /**
   * Writes the report if it has changed.
   * @returns false when the cluster has no API for reports, so that nothing was written
   */
  async publish(result: MigrationAudit, signal: AbortSignal): Promise<boolean> {
    const report = buildReport(result)
    const digest = createHash('sha256').update(JSON.stringify(report)).digest('base64url')
    if (this.#written.get(result.object.uid) === digest) return true
    const isWritten = await this.#reports.write(report, signal)
    if (isWritten) this.#written.set(result.object.uid, digest)
    return isWritten
  }
}
