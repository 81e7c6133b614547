import type { MigrationAudit } from '../review/audit/audit-migration.js'
import type { AuditEvent, AuditEvents } from '../review/audit/audit-ports.js'
import { eventNote, eventReason } from './event-note.js'

export interface EventLedgerOptions {
  readonly events: AuditEvents
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number
}

/**
 * How often the Event of a finding that remains is written again. The API server forgets Events
 * after an hour (--event-ttl), so twice an hour keeps it visible.
 */
export const repeatMs = 1_800_000

interface Said {
  readonly note: string
  readonly count: number
  readonly at: number
}

/**
 * Remembers which Events were written about each object, so that none is written again without
 * need.
 */
export class EventLedger {
  readonly #options: EventLedgerOptions
  readonly #said = new Map<string, Map<string, Said>>()

  constructor(options: EventLedgerOptions) {
    this.#options = options
  }

  forget(uid: string): void {
    this.#said.delete(uid)
  }

  /**
   * Writes Events for new findings, for those that are gone, and again for those that remain.
   * Rejects with the first failure; what is missing is written next time.
   */
  async publish(result: MigrationAudit, signal: AbortSignal): Promise<void> {
    const { uid } = result.object
    const said = this.#said.get(uid) ?? new Map<string, Said>()
    this.#said.set(uid, said)
    const notes = notesOf(result)
    for (const [rule, note] of notes) await this.#say(result, { rule, note, said }, signal)
    // When something could not be read, a missing finding may still be there.
    if (result.undecided.length > 0) return
    for (const rule of said.keys())
      if (!notes.has(rule)) await this.#sayGone(result, { rule, said }, signal)
    if (said.size === 0) this.#said.delete(uid)
  }

  async #say(
    { object }: MigrationAudit,
    {
      rule,
      note,
      said,
    }: { readonly rule: string; readonly note: string; readonly said: Map<string, Said> },
    signal: AbortSignal,
  ): Promise<void> {
    const now = this.#options.monotonic()
    const before = said.get(rule)
    const isSame = before?.note === note
    if (isSame && now < before.at + repeatMs) return
    const count = isSame ? before.count + 1 : 1
    const event: AuditEvent = { object, type: 'Warning', reason: eventReason(rule), note, count }
    await this.#options.events.write(event, signal)
    said.set(rule, { note, count, at: now })
  }

  async #sayGone(
    { object }: MigrationAudit,
    { rule, said }: { readonly rule: string; readonly said: Map<string, Said> },
    signal: AbortSignal,
  ): Promise<void> {
    const note = 'no longer found'
    const event: AuditEvent = {
      object,
      type: 'Normal',
      reason: eventReason(rule),
      note,
      count: 1,
    }
    await this.#options.events.write(event, signal)
    said.delete(rule)
  }
}

/**
 * The note for each rule that writes Events. The action `audit`, of a rule or a namespace, means
 * that only log, metrics and reports show the finding.
 */
function notesOf({ judged, mode }: MigrationAudit): ReadonlyMap<string, string> {
  if (mode === 'audit') return new Map()
  const spoken = judged.filter(({ action }) => action !== 'audit')
  return new Map(spoken.map(found => [found.rule.id, eventNote(found)]))
}
