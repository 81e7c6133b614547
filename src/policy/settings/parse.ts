import { LineCounter, parseDocument } from 'yaml'
import { defaultSettings } from './default-settings.js'
import { formatFieldPath } from '../text/field-path.js'
import { parseLabelSelector } from './label-selector.js'
import { schemaMistakes, type PathMistake } from './schema-mistake.js'
import type {
  AuditSettings,
  ConsolidationSettings,
  DatabaseLimits,
  Exemption,
  OperatorSettings,
  Settings,
} from './settings.js'
import { findFaults, type YamlFault } from './yaml-check.js'
import { isTooDeep } from './yaml-depth.js'
import { yamlErrorText } from './yaml-error.js'
import { yamlOffsetPosition, yamlPosition, type YamlSource } from './yaml-position.js'

/** One thing wrong with a settings file. */
export interface SettingsMistake {
  /** Path of the setting, such as `namespaces[0].rules.foo`; empty for the file as a whole. */
  readonly path: string
  /** 1-based. */
  readonly line: number
  readonly column: number
  /** What was expected, what was found, and what was probably meant. */
  readonly message: string
}

/**
 * Most aliases of a YAML file. An alias may stand for much text, and a policy with more of them is
 * an attack or an accident.
 */
const maxAliases = 100

/**
 * Reads a settings file in YAML or JSON, checks it against the schema and fills in every default.
 * All mistakes are reported at once, in the order of the file. `knownRules` are the ids of all
 * rules.
 */
export function parseSettings(
  text: string,
  knownRules: readonly string[],
): { readonly settings: Settings } | { readonly mistakes: readonly SettingsMistake[] } {
  const source = parseSource(text)
  if ('mistakes' in source) return source
  let value: unknown
  try {
    value = source.document.toJS({ maxAliasCount: maxAliases }) ?? {}
  } catch {
    return unreadable(source.lines, [{ code: 'RESOURCE_EXHAUSTION', offset: 0 }])
  }
  return checkSettings(value, { source, knownRules })
}

function parseSource(text: string): YamlSource | { readonly mistakes: readonly SettingsMistake[] } {
  const lines = new LineCounter()
  if (isTooDeep(text)) return unreadable(lines, [{ code: 'RESOURCE_EXHAUSTION', offset: 0 }])
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
  })
  const errors = document.errors.map(({ code, pos }) => ({ code, offset: pos[0] }))
  const faults = [...errors, ...findFaults(document)]
  return faults.length === 0 ? { document, lines } : unreadable(lines, faults)
}

function unreadable(
  lines: LineCounter,
  faults: readonly YamlFault[],
): { readonly mistakes: readonly SettingsMistake[] } {
  return {
    mistakes: faults.map(({ code, offset }) => ({
      path: '',
      ...yamlOffsetPosition(lines, offset),
      message: yamlErrorText(code),
    })),
  }
}

/** `rules.foo (line 3, column 5): …`, without the path when the file as a whole is meant. */
export function formatSettingsMistake(mistake: SettingsMistake): string {
  const place = `line ${mistake.line}, column ${mistake.column}`
  return mistake.path === ''
    ? `${place}: ${mistake.message}`
    : `${mistake.path} (${place}): ${mistake.message}`
}

function checkSettings(
  value: unknown,
  { source, knownRules }: { readonly source: YamlSource; readonly knownRules: readonly string[] },
): { readonly settings: Settings } | { readonly mistakes: readonly SettingsMistake[] } {
  const wrong = schemaMistakes(value, knownRules)
  if (wrong.length > 0) return { mistakes: inFileOrder(wrong, source) }
  const settings = withDefaults(value as SettingsFile)
  const excess = [...limitMistakes(settings), ...newRuleMistakes(settings)]
  return excess.length > 0 ? { mistakes: inFileOrder(excess, source) } : { settings }
}

/** The settings as the schema accepts them: everything may be missing. */
type SettingsFile = Partial<
  Omit<Settings, 'database' | 'audit' | 'consolidation' | 'operator' | 'exemptions'>
> & {
  readonly database?: Partial<DatabaseLimits>
  readonly audit?: Partial<AuditSettings>
  readonly consolidation?: Partial<ConsolidationSettings>
  readonly operator?: Partial<Omit<OperatorSettings, 'labelSelector'>> & {
    readonly labelSelector?: string
  }
  readonly exemptions?: readonly (Pick<Exemption, 'rule' | 'reason'> & Partial<Exemption>)[]
}

function withDefaults(file: SettingsFile): Settings {
  return {
    ...defaultSettings,
    ...file,
    database: { ...defaultSettings.database, ...file.database },
    audit: { ...defaultSettings.audit, ...file.audit },
    consolidation: { ...defaultSettings.consolidation, ...file.consolidation },
    operator: {
      ...defaultSettings.operator,
      ...file.operator,
      // The schema has accepted the text, so it is a selector. It is parsed here, not at each review.
      labelSelector: parseLabelSelector(file.operator?.labelSelector ?? '') ?? [],
    },
    exemptions: (file.exemptions ?? []).map(exemption => ({
      namespace: '*',
      name: '*',
      ...exemption,
    })),
  }
}

/** Mistakes in limits that are each fine, but not together. */
function limitMistakes({ database }: Settings): readonly PathMistake[] {
  if (database.maxConnectionsPerTarget <= database.maxConnections) return []
  return [
    {
      path: ['database', 'maxConnectionsPerTarget'],
      message: `expected at most maxConnections (${database.maxConnections}), found ${database.maxConnectionsPerTarget}`,
    },
  ]
}

/** `newRules: warn` without a version would silently lower nothing. */
function newRuleMistakes({ since, newRules, namespaces }: Settings): readonly PathMistake[] {
  if (since !== '') return []
  const message = 'expected the version whose rules are known in "since", found none'
  return [
    ...(newRules === 'warn' ? [{ path: ['newRules'], message }] : []),
    ...namespaces.flatMap((namespace, index) =>
      namespace.newRules === 'warn' ? [{ path: ['namespaces', index, 'newRules'], message }] : [],
    ),
  ]
}

function inFileOrder(
  mistakes: readonly PathMistake[],
  source: YamlSource,
): readonly SettingsMistake[] {
  return mistakes
    .map(({ path, message }) => ({
      path: formatFieldPath(path),
      ...yamlPosition(source, path),
      message,
    }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
}
