import type { Consolidation, DatabasePlan, Refusal } from '../../atlas/consolidate/consolidation.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'
import type { ReplayOutcome } from '../../database/embedded/replay.js'
import { sanitizeText, shorten } from '../../policy/text/sanitize-text.js'
import type { FoundTable } from './databases.js'
import type { ReadSource } from './sources.js'
import type { Succession } from './survivors.js'

type Merged = Extract<Consolidation, { readonly kind: 'merged' }>

/** What was read, before anything is decided about it. */
export interface ReadParts {
  readonly sources: readonly ReadSource[]
  readonly successions: readonly Succession[]
  readonly notes: readonly string[]
}

/**
 * The lines about the directories that were read, and the databases that are to be right
 * afterwards.
 */
export function describeParts({ sources, successions }: ReadParts): readonly string[] {
  return [
    'Directories:',
    ...sources.map(
      ({ name, directory }) =>
        `  ${sanitizeText(name)}: ${countOf(directory.files.length, 'file')}`,
    ),
    'Databases:',
    ...successions.map(({ table }) => `  ${describeTable(table)}`),
    ...(successions.length === 0 ? ['  none, so nothing is proven'] : []),
  ]
}

function describeTable({ name, place, users, content }: FoundTable): string {
  const where = place === null ? '' : ` (${place})`
  const migrations = users.filter(({ exists }) => exists).map(user => user.name)
  const aliases = users.filter(user => !user.exists && user.name !== name).map(user => user.name)
  const used =
    (migrations.length > 0 ? `, used by ${listNames(migrations)}` : '') +
    (aliases.length > 0 ? `, the same as ${listNames(aliases)}` : '')
  return sanitizeText(`${name}${where}: ${describeContent(content)}${used}`)
}

function describeContent(content: FoundTable['content']): string {
  if (content.kind === 'unread') return 'not read, so nothing is proven for it'
  const { revisions } = content.state
  return revisions === null ? 'no revisions table yet' : countOf(revisions.length, 'row')
}

/** Every reason for a refusal, and its way out. */
export function describeRefusals(
  refusals: readonly Refusal[],
  { renamePending }: { readonly renamePending: boolean },
): readonly string[] {
  const isRenaming = ({ reason }: Refusal) => renamable.has(reason)
  return [
    'Refused: these directories cannot become one as they are; nothing is written.',
    ...refusals.map(({ reason, found, remedy }) =>
      sanitizeText(`- [${reason}] ${found}; fix: ${remedy}`),
    ),
    ...(!renamePending && refusals.some(isRenaming)
      ? ['With --rename-pending, files that ran on no database get new versions where that helps.']
      : []),
  ]
}

const renamable: ReadonlySet<Refusal['reason']> = new Set(['late-file', 'version-collision'])

/** The lines about the merged directory, and what the operator will do with it. */
export function describeMerged({ files, bytes, plans, notes }: Merged): readonly string[] {
  return [
    `Merged: ${countOf(files.length, 'file')}, ${countOf(bytes, 'byte')}.`,
    ...plans.map(plan => `  ${sanitizeText(`${plan.database}: ${describePlan(plan)}`)}`),
    ...notes.map(note => sanitizeText(`Note: ${note}`)),
  ]
}

/**
 * The warning about new versions while a database could not be read. Only a file that ran nowhere
 * may get a new version.
 */
export function describeUnproven({ successions }: ReadParts, { files }: Merged): readonly string[] {
  const unread = successions.flatMap(({ table }) =>
    table.content.kind === 'unread' ? [table.name] : [],
  )
  const renamed = files.filter(({ name, originalName }) => name !== originalName)
  if (unread.length === 0 || renamed.length === 0) return []
  return [
    sanitizeText(
      `Note: ${listNames(unread)} could not be asked: what ran there already would run again as ${listNames(renamed.map(({ name }) => name))}`,
    ),
  ]
}

function describePlan({ first, pending }: DatabasePlan): string {
  if (first.action === 'ready') return 'the operator will be Ready, with nothing to run'
  return pending.length === 0
    ? 'the operator will run nothing, then be Ready'
    : `the operator will run ${listNames(pending)}, then be Ready`
}

/** Longest part of a statement that is shown. */
const shownStatement = 120

export function describeReplay(outcome: ReplayOutcome): readonly string[] {
  if (outcome.kind === 'done')
    return [
      `Replay: ${countOf(outcome.files, 'file')} with ${countOf(outcome.statements, 'statement')} ran from empty.`,
    ]
  const { file, line, statement, message, text } = outcome
  const which = statement === null ? '' : `, statement ${statement}`
  return [
    sanitizeText(`Replay failed: ${file}, line ${line}${which}: ${message}`),
    ...(text === '' ? [] : [`  ${shorten(sanitizeText(text), shownStatement)}`]),
    'A new database would stop there; fix: change the order by new versions for files that never ran, or add a checkpoint',
  ]
}
