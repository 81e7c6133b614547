import type { DatabaseLimits } from '../../policy/settings/settings.js'

/** What one server may send, in bytes of the wire. */
export interface AnswerBounds {
  /** Rows of one answer. */
  readonly rows: number
  /** Whole answer to one query. */
  readonly answerBytes: number
  /** All answers that are being received at a time, of all databases. */
  readonly totalBytes: number
}

const kib = 1024
const mib = 1024 * kib

/**
 * A row of the revisions table takes some 200 bytes: eleven lengths, two versions, a hash, a time and a description.
 * On average; a single one may have a long error or many partial hashes.
 */
const bytesPerRow = 320

/** For a short table with long texts: a file of 20,000 statements that failed has 1 MiB of partial hashes. */
const baseBytes = 4 * mib

/** Beside the table's rows: those of the settings, of the catalog, and the two that tell that there are too many. */
const otherRows = 16

/**
 * Follows from `maxRows`: by default an answer may have 34 MiB, and all of them together half as much again. In the
 * process a byte of an answer becomes two to three, so that stays under 150 MiB, of the 512 that the pod may have.
 */
export function answerBounds({ maxRows }: Pick<DatabaseLimits, 'maxRows'>): AnswerBounds {
  const answerBytes = baseBytes + maxRows * bytesPerRow
  return { rows: maxRows + otherRows, answerBytes, totalBytes: answerBytes * 1.5 }
}

/** Errors, notices, settings and the like, from one query to the next: far more than any honest server sends. */
export const maxAsides = 1000
export const maxAsideBytes = 512 * kib

/** One error or notice, with all that it quotes. */
export const maxTextBytes = 64 * kib

/** One message of the login: PostgreSQL's own are under 100 bytes. */
export const maxLoginBytes = 4 * kib
