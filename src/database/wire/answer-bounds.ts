import type { DatabaseLimits } from '../../policy/settings/settings.js'

/** What one server may send, in bytes on the wire. */
export interface AnswerBounds {
  /** Most rows of one answer. */
  readonly rows: number
  /** Most bytes of the whole answer to one query. */
  readonly answerBytes: number
  /** Most bytes of all answers, of all databases, that are being received at a time. */
  readonly totalBytes: number
}

const kib = 1024
const mib = 1024 * kib

/**
 * Bytes of a row of the revisions table on average. Its eleven lengths, two versions, hash, time
 * and description take some 200. A single row may have a long error or many partial hashes.
 */
const bytesPerRow = 320

/**
 * Bytes for a short table with long texts: a file of 20,000 statements that failed has 1 MiB of
 * partial hashes.
 */
const baseBytes = 4 * mib

/**
 * Rows besides those of the table: of the settings, of the catalog, and two that tell that there
 * are too many.
 */
const otherRows = 16

/**
 * Derives the bounds from `maxRows`. By default one answer may have 7 MiB, and all of them
 * together half as much again. In this process a byte of an answer becomes two to three, and
 * what a review has read stays until it is over; test/attacks/hostile-gate.test.ts measures it.
 */
export function answerBounds({ maxRows }: Pick<DatabaseLimits, 'maxRows'>): AnswerBounds {
  const answerBytes = baseBytes + maxRows * bytesPerRow
  return { rows: maxRows + otherRows, answerBytes, totalBytes: answerBytes * 1.5 }
}

/**
 * Most errors, notices, settings and the like from one query to the next: far more than an honest
 * server sends.
 */
export const maxAsides = 1000
export const maxAsideBytes = 512 * kib

/** Longest error or notice, with all that it quotes. */
export const maxTextBytes = 64 * kib

/** Longest message of the login. PostgreSQL's own have fewer than 100 bytes. */
export const maxLoginBytes = 4 * kib
