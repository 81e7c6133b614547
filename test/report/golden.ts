import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'

/**
 * Compares a text with a file of test/fixtures/reports: reviewed by eye when it changes, and by the schema tests.
 * UPDATE_TRANSCRIPTS=1 writes the files anew.
 */
export function matchGolden(t: Test, name: string, text: string): void {
  const file = join('test/fixtures/reports', name)
  /* c8 ignore start - by hand, when a text was changed on purpose */
  if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(file, text)
  /* c8 ignore stop */
  t.equal(text, readFileSync(file, 'utf8'))
}
