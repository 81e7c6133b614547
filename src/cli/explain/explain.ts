import { join } from 'node:path'
import { ruleIds, rules } from '../../policy/rules/catalogue.js'
import { explainSaidInGeneral } from '../../policy/explain/said.js'
import type { Explanation } from '../../policy/explain/explanation.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import { formatExplanationJson } from '../../report/formats/explanation-json.js'
import { formatExplanation, formatSaid } from '../../report/formats/explanation-text.js'
import { type ExplainedMigration, explainMigration } from '../../review/explain-migration.js'
import type { RevisionsReader } from '../../review/ports/ports.js'
import { TargetIndex } from '../../review/facts/target-index.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import type { DatabaseLimits, Settings } from '../../policy/settings/settings.js'
import type { Arguments } from '../line/arguments.js'
import { openDatabases, silentReader } from '../input/database-choice.js'
import { limitsAt } from '../input/database-limits.js'
import { type ExplainAdapters, openMigration } from './objects.js'
import {
  type ExplainOptions,
  type ObjectChoice,
  parseExplainOptions,
  parseFormat,
} from './options.js'
import type { Output } from '../output/output.js'
import { readSettings } from '../../gate/settings-file.js'
import { interruptible } from '../line/interruptible.js'
import { UsageError } from '../line/usage-error.js'
import { readVersion } from '../../gate/version.js'

/**
 * Explains one AtlasMigration. Resolves to the exit code: 0 nothing would be denied, 1 something
 * would, 2 not everything could be read.
 */
export async function explain(
  args: Arguments,
  adapters: ExplainAdapters,
  output: Output,
): Promise<number> {
  const said = args.value('said')
  if (said !== undefined && args.operands.length === 0) return explainAlone(said, args, output)
  const options = parseExplainOptions(args)
  const settings = await readSettings(options.policy, ruleIds)
  return interruptible(async signal => {
    const reader = options.databases.offline
      ? null
      : await adapters.openReader({ limits: limitsOf(options, settings), onFailure: () => {} })
    try {
      const context = { adapters, settings, reader: reader ?? silentReader, signal }
      return await answer(options, context, output)
    } finally {
      await reader?.close()
    }
  })
}

/** Answers what a sentence means where no AtlasMigration is given to look at. */
function explainAlone(said: string, args: Arguments, output: Output): number {
  const answer = explainSaidInGeneral(said)
  const { width, colors } = output
  output.print(
    parseFormat(args) === 'json'
      ? JSON.stringify({ said: answer }, null, 2)
      : formatSaid(answer, { width, colors }),
  )
  return answer === null ? 2 : 0
}

function limitsOf({ objects }: ExplainOptions, { database }: Settings): DatabaseLimits {
  return limitsAt(objects.kind === 'cluster' ? objects.cluster : null, database)
}

async function answer(
  options: ExplainOptions,
  context: ExplainContext,
  output: Output,
): Promise<number> {
  const { settings, signal } = context
  const explained = await explainOnce(options, context)
  const text = printed(explained, { options, settings, output })
  if (!signal.aborted && text !== '') output.print(text)
  return codeOf(explained)
}

interface ExplainContext {
  readonly adapters: ExplainAdapters
  readonly settings: Settings
  readonly reader: RevisionsReader
  readonly signal: AbortSignal
}

async function explainOnce(
  { objects, databases: chosen, said, limitMs, environment }: ExplainOptions,
  { adapters, settings, reader, signal }: ExplainContext,
): Promise<ExplainedMigration> {
  const { readExport } = adapters
  const databases = await openDatabases(chosen, { environment, reader, readExport })
  const opened = await openMigration(objects, { waitMs: limitMs, signal, adapters, databases })
  try {
    const [unused] = databases.unused()
    if (unused !== undefined) throw new UsageError(`${unused}: no AtlasMigration of that name here`)
    const { migration, cluster } = opened
    const dependencies = {
      cluster,
      reader: databases.reader,
      targets: new TargetIndex(),
      rules,
      settings,
      now: () => new Date(),
    }
    return await withTimeLimit({ ms: limitMs, parent: signal }, deadline =>
      explainMigration({ migration, said }, dependencies, deadline),
    )
  } finally {
    opened.close()
  }
}

function printed(
  { explanation }: ExplainedMigration,
  {
    options,
    settings,
    output,
  }: {
    readonly options: ExplainOptions
    readonly settings: Settings
    readonly output: Output
  },
): string {
  const { documentationUrl } = settings
  if (options.pending) return pendingPaths(explanation, options.objects).join('\n')
  if (options.format === 'json')
    return formatExplanationJson(explanation, { documentationUrl, version: readVersion() })
  const { width, colors } = output
  return formatExplanation(explanation, { documentationUrl, width, colors })
}

/** The files that would run, as paths where the directory is a folder that --dir named. */
function pendingPaths({ operator, directory }: Explanation, objects: ObjectChoice) {
  const files = operator?.now.files ?? []
  const folders = objects.kind === 'files' ? objects.folders : []
  const folder = folders.find(({ name }) => directory === `ConfigMap ${name}`)?.folder
  return files.map(file => sanitizeText(folder === undefined ? file : join(folder, file)))
}

function codeOf({ explanation, undecided }: ExplainedMigration): number {
  if (explanation.findings.some(({ action }) => action === 'deny')) return 1
  return undecided ? 2 : 0
}
