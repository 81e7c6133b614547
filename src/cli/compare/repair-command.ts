import { revisionsTable } from '../../atlas/engine/revision.js'
import type { TableComparison } from '../../policy/comparison/compare-tables.js'
import {
  type DatabaseUrlParts,
  parseDatabaseUrl,
  urlParameter,
} from '../../policy/url/database-url.js'
import type { TableExport } from '../../policy/facts/exported-table.js'
import type { RepairCommand } from '../../report/formats/comparison-report.js'
import type { UrlPlace } from '../input/database-choice.js'

/** A database that was just read, and where its URL stands. */
export interface LiveSide {
  readonly exported: TableExport
  readonly place: UrlPlace
  /** Only its parameters are looked at; nothing else of it gets into the command. */
  readonly url: string
}

/**
 * The command that brings TO the revisions table of FROM, where that is what it lacks. None where TO
 * has rows of its own, which would be lost: it may be another application's database.
 */
export function repairCommand(
  [from, to]: readonly [LiveSide, LiveSide],
  { differences, rows }: TableComparison,
): RepairCommand | null {
  const isLacking = differences.some(
    ({ weight, rule }) => weight === 'blocks' && lackingRules.includes(rule ?? ''),
  )
  const hasOwnRows = rows.some(row => row.from === null)
  const isElsewhere = to.exported.table.elsewhere.length > 0 || to.exported.table.ambiguous
  if (!isLacking || hasOwnRows || isElsewhere) return null
  const [source, target] = [connection(from), connection(to)]
  if (source === null || target === null) return null
  return isEmpty(to.exported)
    ? { copies: 'database', command: databaseCommand(source, target) }
    : tableCommand([from.exported, to.exported], [source, target])
}

/** Rules whose way out is the table of FROM. */
const lackingRules = ['revision-table-incomplete', 'baseline-required', 'revision-table-empty']

function isEmpty({ table }: TableExport): boolean {
  return (table.revisions ?? []).length === 0 && table.notClean === null
}

/** pg_dump writes a file first: where it fails, nothing of TO has been touched. */
function databaseCommand(source: Connection, target: Connection): string {
  const file = 'database.sql'
  const dump = `${source.environment}pg_dump --no-owner --no-privileges --file=${file} ${source.url}`
  return `${dump} && ${target.environment}${psql} --file=${file} ${target.url}`
}

const psql = 'psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --single-transaction'

function tableCommand(
  [from, to]: readonly [TableExport, TableExport],
  [source, target]: readonly [Connection, Connection],
): RepairCommand | null {
  const schema = from.revisionsSchema
  if (schema === null || schema !== to.revisionsSchema || !plainName.test(schema)) return null
  const file = `${revisionsTable}.sql`
  const hasTable = to.table.revisions !== null
  // Only the table: its schema may hold other things.
  const options = [
    `--table='"${schema}"."${revisionsTable}"' --no-owner --no-privileges`,
    ...(hasTable ? ['--clean --if-exists'] : []),
    `--file=${file}`,
  ]
  const make =
    hasTable || schema === 'public' ? '' : ` --command='CREATE SCHEMA IF NOT EXISTS "${schema}"'`
  const dump = `${source.environment}pg_dump ${options.join(' ')} ${source.url}`
  const command = `${dump} && ${target.environment}${psql}${make} --file=${file} ${target.url}`
  return { copies: 'table', command }
}

/** Names that mean the same in SQL and in a shell's quotes. */
const plainName = /^[\w-]+$/

/** How a shell names a database without telling its password. */
interface Connection {
  readonly url: string
  /** Variables in front of the command, with a blank at the end; usually empty. */
  readonly environment: string
}

/**
 * Parameters that pg_dump and psql know as well. The others, such as search_path, are the operator's
 * driver's, which passes them to the server; libpq refuses them.
 */
const shared: ReadonlySet<string> = new Set([
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
  'application_name',
])

/** null where the URL cannot be said in a shell with the same meaning. */
function connection({ place, url }: LiveSide): Connection | null {
  const parts = parseDatabaseUrl(url)
  if (parts.kind === 'invalid') return null
  const names = parts.parameters.map(([name]) => name)
  if (names.includes('options')) return null
  if (names.every(name => shared.has(name))) return atPlace(place, { url: null, environment: '' })
  const role = urlParameter(parts, 'role')
  if (role !== null && !/^\w+$/.test(role)) return null
  const environment = role === null ? '' : `PGOPTIONS='-c role=${role}' `
  const query = sharedQuery(parts)
  return query === null ? null : atPlace(place, { url: query, environment })
}

/** The parameters that libpq knows, as the end of a URL; null where one needs quotes. */
function sharedQuery({ parameters }: DatabaseUrlParts): string | null {
  const kept = parameters.filter(([name]) => shared.has(name))
  if (!kept.every(([, value]) => /^[\w./-]*$/.test(value))) return null
  const query = kept.map(([name, value]) => `${name}=${value}`).join('&')
  return query === '' ? '' : `?${query}`
}

/** `url`: what stands in place of the URL's own parameters; null: they stay. */
function atPlace(
  { kind, place }: UrlPlace,
  { url: query, environment }: { readonly url: string | null; readonly environment: string },
): Connection | null {
  if (kind === 'env') {
    if (!/^[A-Za-z_]\w*$/.test(place)) return null
    const name = query === null ? `$${place}` : `\${${place}%%\\?*}${query}`
    return { url: `"${name}"`, environment }
  }
  if (!/^[\w./@:+-]+$/.test(place)) return null
  const read = query === null ? `$(cat ${place})` : `$(sed 's/?.*//' ${place})${query}`
  return { url: `"${read}"`, environment }
}
