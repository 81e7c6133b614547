import type { Arguments } from '../line/arguments.js'
import { type FolderOption, parseFolderOptions } from '../check/input.js'
import { type ClusterChoice, findClusterChoice } from '../input/cluster-choice.js'
import { type DatabaseChoice, parseDatabaseChoice } from '../input/database-choice.js'
import { parseDuration } from '../line/duration.js'
import { UsageError } from '../line/usage-error.js'

/** The AtlasMigration to explain. */
export interface MigrationName {
  /** null: the one of that name in any namespace. */
  readonly namespace: string | null
  readonly name: string
}

/** Where the objects come from. */
export type ObjectChoice =
  | { readonly kind: 'cluster'; readonly cluster: ClusterChoice; readonly named: MigrationName }
  | {
      readonly kind: 'files'
      readonly path: string
      readonly folders: readonly FolderOption[]
      /** The namespace of objects that name none. */
      readonly namespace: string
      /** null: the only one that exists. */
      readonly named: MigrationName | null
    }

export interface ExplainOptions {
  readonly objects: ObjectChoice
  readonly databases: DatabaseChoice
  readonly said: string | null
  /** Whether only the names of the files that would run are printed. */
  readonly pending: boolean
  readonly policy: string | undefined
  readonly format: 'text' | 'json'
  readonly limitMs: number
  readonly environment: Arguments['environment']
}

/** @throws UsageError */
export function parseExplainOptions(args: Arguments): ExplainOptions {
  return {
    objects: parseObjects(args),
    databases: parseDatabaseChoice(args),
    said: args.value('said') ?? null,
    pending: args.isSet('pending'),
    policy: args.value('policy'),
    format: parseFormat(args),
    limitMs: parseDuration(args.text('timeout'), 'timeout'),
    environment: args.environment,
  }
}

function parseObjects(args: Arguments): ObjectChoice {
  const [operand] = args.operands
  if (operand === undefined)
    throw new UsageError(
      'explain needs a FILE of manifests, or NAME of an AtlasMigration with --manifests DIR or --kubernetes',
    )
  const cluster = findClusterChoice(args)
  const folders = parseFolderOptions(args)
  const name = args.value('name')
  if (cluster === null) {
    const named = name === undefined ? null : parseName(name)
    return { kind: 'files', path: operand, folders, namespace: args.text('namespace'), named }
  }
  if (folders.length > 0)
    throw new UsageError('--dir: a cluster has its ConfigMaps; name a FILE instead')
  if (name !== undefined)
    throw new UsageError(`--name: in a cluster the operand is the name; found ${operand} as well`)
  return { kind: 'cluster', cluster, named: parseName(operand) }
}

function parseName(text: string): MigrationName {
  const slash = text.indexOf('/')
  return slash < 0
    ? { namespace: null, name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

/** @throws UsageError */
export function parseFormat(args: Arguments): 'text' | 'json' {
  const format = args.text('format')
  if (format === 'text' || format === 'json') return format
  throw new UsageError(`--format: expected text or json, found "${format}"`)
}
