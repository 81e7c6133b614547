import type { Collation, ServerFacts, TableExport } from '../facts/exported-table.js'
import { note, type Difference } from './difference.js'

/**
 * Notes differences between the two servers, and the state of the two tables. None of them stops
 * the operator.
 */
export function serverNotes(from: TableExport, to: TableExport): readonly Difference[] {
  return [
    ...identifierNote(from, to),
    ...(from.server && to.server ? serverChange(from.server, to.server) : []),
    ...(to.server ? staleCollation(to.server.collation) : []),
  ]
}

function identifierNote(from: TableExport, to: TableExport): readonly Difference[] {
  const [old, now] = [from.table.identity.identifier, to.table.identity.identifier]
  if (old === now) return []
  if (old === null) return [note('TO has an identifier row of Atlas Cloud, FROM has none')]
  return [
    note(
      now === null
        ? 'TO lacks the identifier row of Atlas Cloud that FROM has'
        : 'the identifier rows of Atlas Cloud differ: it takes TO for another database',
      'copy the row .atlas_cloud_identifier too, if Atlas Cloud is used',
    ),
  ]
}

function serverChange(from: ServerFacts, to: ServerFacts): readonly Difference[] {
  const notes: Difference[] = []
  const [old, now] = [majorOf(from), majorOf(to)]
  if (old !== now)
    notes.push(
      note(
        `FROM is PostgreSQL ${from.version}, TO is PostgreSQL ${to.version}`,
        now < old ? 'see that the files run on the older version, too' : '',
      ),
    )
  const [collationFrom, collationTo] = [collationText(from), collationText(to)]
  if (collationFrom !== collationTo)
    notes.push(
      note(
        `texts are ordered by ${collationFrom} in FROM, by ${collationTo} in TO; versions of digits only are ordered alike`,
      ),
    )
  return notes
}

function majorOf({ version }: ServerFacts): number {
  return parseInt(version, 10)
}

/** The collation as messages name it: `C (libc)`, `de-DE (icu)`. */
export function collationText({ collation }: Pick<ServerFacts, 'collation'>): string {
  return `${collation.name} (${collation.provider})`
}

/**
 * Notes a collation whose rules changed after the database was made. PostgreSQL warns of it too:
 * indexes on texts may be in the wrong order, and rows may not be found.
 */
function staleCollation({ version, actualVersion }: Collation): readonly Difference[] {
  if (version === null || actualVersion === null || version === actualVersion) return []
  return [
    note(
      `the collation of TO was version ${version} when it was made, the server has ${actualVersion}: indexes on texts may be wrong`,
      'REINDEX the database, then ALTER DATABASE ... REFRESH COLLATION VERSION',
    ),
  ]
}
