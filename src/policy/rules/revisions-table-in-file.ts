import { revisionsTable } from '../../atlas/engine/revision.js'
import type { Facts, Target } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'
import { statementsAhead } from '../outcome/pending-statements.js'
import type { TableEffect } from '../outcome/table-effect.js'
import { tablePlaces, type TablePlace } from '../outcome/table-places.js'

export const revisionsTableInFile: Rule = {
  id: 'revisions-table-in-file',
  title:
    "A pending file drops, renames, moves, empties or creates Atlas's own table, or drops or creates its schema.",
  why: 'Atlas makes this table before the first file runs, and writes a row into it for each. A file that creates it fails; one that takes it away loses what ran, or is rolled back.',
  severity: 'deny',
  evidence: 'content',
  order: 2045,
  since: '0.2.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  const ahead = statementsAhead(facts)
  if (used === null || ahead === null || facts.target.kind !== 'resolved') return null
  const places = tablePlaces(ahead, facts.target.target)
  const certain = places.filter(place => place.certain)
  const found = certain.length > 0 ? certain : places
  // What keeps the table out of a dump keeps its schema out, too.
  const first = found.find(({ effect }) => effect === 'creates') ?? found[0]
  if (first === undefined) return null
  const others = found.filter(place => place !== first)
  return {
    found: sentence(first),
    expected: `files that leave ${revisionsTable} alone, where Atlas records what ran`,
    remedy: `${remedyFor(first.effect, facts.target.target)} and run \`atlas migrate hash\``,
    field: directoryField(used),
    subjects: [first, ...others].map(({ file, effect }) => `${file}: ${effect}`),
    details: others.map(sentence),
    at: { file: first.file, line: first.line },
    ...(first.certain && ahead.certain ? {} : { severity: 'warn' as const }),
  }
}

function sentence({ file, line, effect }: TablePlace): string {
  return `${file} ${effect} Atlas's revisions table (line ${line})`
}

function remedyFor(effect: TableEffect, { revisionsSchema }: Target): string {
  switch (effect) {
    case 'creates the schema of':
      return 'write CREATE SCHEMA IF NOT EXISTS'
    case 'creates':
    case 'adds a primary key to':
      return `leave it out (${dumpOption(revisionsSchema)})`
    default:
      return 'remove the statement'
  }
}

/** The option that leaves the table out of a dump; its schema, too, where nothing else is in it. */
function dumpOption(schema: string): string {
  return schema === revisionsTable
    ? `\`pg_dump -N ${revisionsTable}\``
    : `\`pg_dump -T "*.${revisionsTable}"\``
}
