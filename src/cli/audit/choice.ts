import type { Arguments } from '../line/arguments.js'
import { type FailOn, parseFailOn } from '../check/answer.js'
import {
  type ClusterChoice,
  findClusterChoice,
  type KubernetesChoice,
} from '../input/cluster-choice.js'
import { type DatabaseChoice, parseDatabaseChoice } from '../input/database-choice.js'
import { parseDuration } from '../line/duration.js'
import { type FormatChoice, parseFormats } from '../output/format-choice.js'
import { UsageError } from '../line/usage-error.js'

/** Which objects are audited. */
export type AuditedChoice =
  { readonly kind: 'manifests'; readonly paths: readonly string[] } | KubernetesChoice

/** How much is read at a time, and how long that may take. */
export interface AuditPace {
  /** AtlasMigrations read at a time for each database server. */
  readonly concurrency: number
  readonly limitMs: number
}

/** What an audit and `consolidate --check` have in common. */
export interface ReadingChoice {
  readonly audited: AuditedChoice
  /** The options that name the objects, as they were given. */
  readonly given: string
  /** The namespace of objects that name none. */
  readonly namespace: string
  readonly databases: DatabaseChoice
  readonly pace: AuditPace
  readonly environment: Arguments['environment']
}

/** The options of an audit. */
export interface AuditChoice extends ReadingChoice {
  readonly policy: string | undefined
  readonly formats: readonly FormatChoice[]
  readonly failOn: FailOn
}

/** @throws UsageError */
export function parseAuditChoice(args: Arguments): AuditChoice {
  const concurrency = parseConcurrency(args.text('concurrency'))
  return {
    ...parseReadingChoice(args, { audited: parseAudited(args), concurrency }),
    policy: args.value('policy'),
    formats: parseFormats(args.values('format')),
    failOn: parseFailOn(args),
  }
}

/** @throws UsageError */
export function parseReadingChoice(
  args: Arguments,
  { audited, concurrency }: Pick<ReadingChoice, 'audited'> & Pick<AuditPace, 'concurrency'>,
): ReadingChoice {
  return {
    audited,
    given: givenOptions(audited),
    namespace: args.text('namespace'),
    databases: parseDatabaseChoice(args),
    pace: { concurrency, limitMs: parseDuration(args.text('timeout'), 'timeout') },
    environment: args.environment,
  }
}

function parseAudited(args: Arguments): AuditedChoice {
  const paths = args.operands
  if (paths.length > 0 && (args.isSet('kubernetes') || args.value('manifests') !== undefined))
    throw new UsageError(`${paths[0]}: give either a PATH, --manifests DIR or --kubernetes`)
  if (paths.length > 0) return { kind: 'manifests', paths }
  const choice = findClusterChoice(args)
  if (choice === null)
    throw new UsageError(
      'audit needs a cluster: a PATH or --manifests DIR for files, or --kubernetes for a real one',
    )
  return auditedOf(choice)
}

export function auditedOf(choice: ClusterChoice): AuditedChoice {
  return choice.kind === 'manifests' ? { kind: 'manifests', paths: [choice.folder] } : choice
}

/**
 * Most AtlasMigrations at a time for one server. More would only take connections that others need
 * too.
 */
const mostPerServer = 16

function parseConcurrency(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= mostPerServer) return number
  throw new UsageError(
    `--concurrency: expected a number from 1 to ${mostPerServer}, found "${text}"`,
  )
}

/** The options with which `consolidate` reads the same objects. */
function givenOptions(audited: AuditedChoice): string {
  if (audited.kind === 'manifests')
    return audited.paths.map(path => `--manifests ${path}`).join(' ')
  const { kubeconfig, namespaces } = audited
  return [
    '--kubernetes',
    ...(kubeconfig === null ? [] : [`--kubeconfig ${kubeconfig.file}`]),
    ...(kubeconfig?.context === undefined ? [] : [`--context ${kubeconfig.context}`]),
    ...(namespaces.length === 0 ? [] : [`--namespaces ${namespaces.join(',')}`]),
  ].join(' ')
}
