import type { Arguments } from '../line/arguments.js'
import { type ClusterChoice, findClusterChoice } from '../input/cluster-choice.js'
import {
  type ObjectName,
  parseObjectName,
  parseSourceRequest,
  type SourceRequest,
} from './sources.js'
import {
  type DatabaseChoice,
  parseDatabaseChoice,
  type UrlPlace,
} from '../input/database-choice.js'
import { parseDuration } from '../line/duration.js'
import { parseUrlOperand } from '../input/url-operand.js'
import { UsageError } from '../line/usage-error.js'

/** Where the merged directory is replayed from empty; null for nowhere. */
export type ReplayChoice = { readonly kind: 'embedded' } | UrlPlace | null

/** The options of a consolidation. */
export interface ConsolidationOptions {
  readonly requests: readonly SourceRequest[]
  /** null: no objects are read. */
  readonly cluster: ClusterChoice | null
  /** The namespace of objects that name none. */
  readonly namespace: string
  readonly databases: DatabaseChoice
  readonly revisionsSchema: string | undefined
  readonly withoutDatabases: readonly string[]
  /** null for a dry run that compares with no folder. */
  readonly output: string | null
  readonly configMap: ObjectName | null
  /** `namespace/name` of each object to keep. */
  readonly keep: readonly string[]
  readonly renamePending: boolean
  readonly replay: ReplayChoice
  readonly force: boolean
  readonly dryRun: boolean
  readonly limitMs: number
}

/** @throws UsageError */
export function parseConsolidationOptions(args: Arguments): ConsolidationOptions {
  const namespace = args.text('namespace')
  const texts = [...args.operands, ...args.values('source')]
  if (texts.length === 0)
    throw new UsageError(
      'consolidate needs a SOURCE: a folder, a manifest, configmap:NAMESPACE/NAME or migration:NAMESPACE/NAME',
    )
  const output = args.value('output') ?? null
  if (output === null && !args.isSet('dry-run'))
    throw new UsageError('consolidate needs --output DIR to write to, or --dry-run')
  const configMap = args.value('configmap')
  const toName = (text: string) => parseObjectName(text, namespace)
  return {
    requests: texts.map(text => parseSourceRequest(text, namespace)),
    cluster: findClusterChoice(args),
    namespace,
    databases: parseDatabaseChoice(args),
    revisionsSchema: args.value('revisions-schema'),
    withoutDatabases: args.values('without-database'),
    output,
    configMap: configMap === undefined ? null : toName(configMap),
    keep: args.values('keep').map(text => `${toName(text).namespace}/${toName(text).name}`),
    renamePending: args.isSet('rename-pending'),
    replay: parseReplay(args),
    force: args.isSet('force'),
    dryRun: args.isSet('dry-run'),
    limitMs: parseDuration(args.text('timeout'), 'timeout'),
  }
}

function parseReplay(args: Arguments): ReplayChoice {
  const text = args.value('replay-url')
  if (text === undefined) return args.isSet('replay') ? { kind: 'embedded' } : null
  if (args.isSet('replay'))
    throw new UsageError('--replay and --replay-url exclude each other: give one of them')
  const place = parseUrlOperand(text)
  // The text may be a URL with a password, so it is not repeated.
  if (place === null)
    throw new UsageError(
      '--replay-url: expected env:VARIABLE or file:PATH; a URL itself would show in the process list',
    )
  return place
}
