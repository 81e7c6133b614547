import { test } from 'tap'
import { createHash } from 'node:crypto'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { historyTable } from '../../../src/policy/explain/history-table.js'
import { evaluateRules } from '../../../src/policy/enforcement/verdict.js'
import {
  buildFacts,
  type Files,
  rowsOf,
  sharing,
  type Situation,
} from '../../policy/facts/facts-builder.js'
import { growsLinearly } from './linear-work.js'

/** Rows that a database answers, and a fortieth of that as files: enough to tell a curve from a line. */
const mostRows = 20_000
const rowsPerFile = 40

function version(at: number): string {
  return String(20_200_000_000_000 + at)
}

function filesOf(count: number, text: string, start = 0): Files {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`${version(start + at)}_a.sql`, `${text} ${at};\n`]),
  )
}

/** Rows that no file is for, with hashes that nothing explains. */
function foreignRows(count: number, given: Partial<Revision> = {}): readonly Revision[] {
  return Array.from({ length: count }, (_, at) => ({
    version: `${version(at)}x`,
    description: 'a',
    type: 2,
    applied: 1,
    total: 1,
    executedAt: new Date(1_600_000_000_000 + at * 1000).toISOString(),
    error: '',
    errorStatement: '',
    hash: createHash('sha256').update(String(at)).digest('base64'),
    partialHashes: [],
    operatorVersion: '',
    ...given,
  }))
}

const allowed = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }

/** What a tenant and a database can make a review compare; `rows` says how much of it. */
const situations: Readonly<Record<string, (rows: number) => Situation>> = {
  'rows without a file': rows => ({
    files: filesOf(rows / rowsPerFile, 'new'),
    rows: foreignRows(rows),
    dirState: filesOf(rows / rowsPerFile, 'old'),
    before: { files: filesOf(rows / rowsPerFile, 'older'), rows: foreignRows(rows) },
  }),
  'rows without a file that may be reverted': rows => ({
    files: filesOf(rows / rowsPerFile, 'new'),
    rows: foreignRows(rows),
    spec: allowed,
    dirState: filesOf(rows / rowsPerFile, 'old'),
  }),
  'rows of many others': rows => ({
    files: filesOf(rows / rowsPerFile, 'new'),
    rows: foreignRows(rows),
    sharing: Array.from({ length: rows / 400 }, (_, at) =>
      sharing(`s${at}`, filesOf(10, 'other', at)),
    ),
  }),
  'files that all changed after they ran': rows => {
    const old = filesOf(rows / rowsPerFile, 'old')
    return {
      files: filesOf(rows / rowsPerFile, 'new'),
      rows: rowsOf(old),
      before: { files: old, rows: rowsOf(old) },
    }
  },
  'files that changed, and nobody knows how': rows => ({
    files: filesOf(rows / rowsPerFile, 'new'),
    rows: rowsOf(filesOf(rows / rowsPerFile, 'old')),
  }),
  'a row for each file, with hashes that nothing explains': rows => ({
    files: filesOf(rows / rowsPerFile, 'new'),
    rows: foreignRows(rows / rowsPerFile).map((row, at) => ({ ...row, version: version(at) })),
  }),
  'late files, and baselines': rows => ({
    files: filesOf(rows / rowsPerFile, 'late'),
    rows: foreignRows(rows, { type: 1, hash: '' }).map(row => ({
      ...row,
      version: `9${row.version}`,
    })),
  }),
  'the first run of many files': rows => ({ files: filesOf(rows / rowsPerFile, 'new'), rows: [] }),
}

for (const [title, situation] of Object.entries(situations)) {
  void test(`Rules take time in proportion to files and rows: ${title}`, async t => {
    growsLinearly(t, 'prediction, all rules, and the table of explain', {
      most: mostRows,
      least: 2000,
      prepare: rows => {
        const prepared = situation(rows)
        return () => {
          const facts = buildFacts(prepared)
          evaluateRules(facts, rules)
          historyTable(facts)
        }
      },
    })
  })
}
