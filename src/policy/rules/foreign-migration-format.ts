import { countOf } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { directoryField, type ReadDirectory, usedDirectory } from '../facts/used-directory.js'
import { describeOrder } from '../formats/flyway-order.js'
import { type Fate, type FatedFile, foreignFiles } from '../formats/foreign-directory.js'
import { formatRemedy, formatRuleId, importLine } from '../formats/way-out.js'

export const foreignMigrationFormat: Rule = {
  id: formatRuleId,
  title: 'A migration file is written for another tool, such as goose, dbmate or Flyway.',
  why: "The operator reads Atlas's own format only, and runs each .sql file from its first line to its last. What another tool keeps for taking a migration back runs right after it, or instead of it: the table is gone, and the AtlasMigration is Ready.",
  severity: 'deny',
  evidence: 'content',
  order: 1990,
  since: '0.2.0',
  evaluate,
}

type Group = (facts: Facts, files: readonly FatedFile[]) => Omit<Finding, 'field' | 'subjects'>

/** Which files one finding is about, the gravest first, and what it says of them. */
const groups: readonly (readonly [isMeant: (file: FatedFile) => boolean, group: Group])[] = [
  [file => takesBack(file, 'pending') && file.certain, denial],
  [file => takesBack(file, 'ran'), warningOfThePast],
  [file => takesBack(file, 'pending', 'unknown', 'never'), warningOfAnUndo],
  [({ fate }) => fate === 'pending' || fate === 'unknown', warningOfTheFormat],
]

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const foreign = foreignFiles(facts).filter(file => !isUsual(file, facts))
  for (const [isMeant, group] of groups) {
    const meant = foreign.filter(isMeant)
    if (meant.length > 0) return finding(used, meant, group(facts, meant))
  }
  return null
}

function finding(
  used: ReadDirectory,
  files: readonly FatedFile[],
  text: ReturnType<Group>,
): Finding {
  const [first] = files
  return {
    ...text,
    field: directoryField(used),
    subjects: files.map(({ file }) => file.name),
    at: { file: first!.file.name, line: first!.line },
  }
}

function takesBack({ undo, fate }: FatedFile, ...fates: readonly Fate[]): boolean {
  return undo !== null && fates.includes(fate)
}

/**
 * Names of Flyway's form do no harm by themselves. Where such files ran already, they are a habit
 * that works, and the order of the names shows the rest.
 */
function isUsual({ role, undo }: FatedFile, { table }: Facts): boolean {
  const rows = table.kind === 'read' ? (table.revisions ?? []) : []
  return role === 'versioned' && undo === null && rows.length > 0
}

const onlyWhatRuns =
  'nothing but what should run: the operator runs every .sql file from its first line to its last'

/** The words for the part, or the file, that takes a migration back. */
function undoOf({ file: { name }, tool, undo, role }: FatedFile): string {
  if (undo === 'part') return `${tool}: the Down section of ${name}`
  return role === 'undo' && tool !== 'Flyway' ? `${tool} pair: ${name}` : `${tool}'s undo: ${name}`
}

function denial(facts: Facts, files: readonly FatedFile[]): ReturnType<Group> {
  const [first] = files
  return {
    found: `${undoOf(first!)} would run as well${more(files)}`,
    expected: onlyWhatRuns,
    remedy: formatRemedy(files, facts),
    details: [
      'It would take the migration back, under any other name or version, too',
      ...importLine(files, facts),
      ...others(files),
    ],
  }
}

function warningOfThePast(_facts: Facts, files: readonly FatedFile[]): ReturnType<Group> {
  const [first] = files
  return {
    found: `${undoOf(first!)} ran as well${more(files)}: what it undoes may be gone`,
    expected: onlyWhatRuns,
    remedy: 'leave the file as it is, and make in a new file what is missing',
    severity: 'warn',
    details: others(files),
  }
}

function warningOfAnUndo(facts: Facts, files: readonly FatedFile[]): ReturnType<Group> {
  const [first] = files
  const where: Readonly<Record<Fate, string>> = {
    pending: 'would run, and seems to take something back',
    unknown: 'would run where the file is pending',
    never: 'does not run here, but would on a new database',
    ran: '',
  }
  return {
    found: `${undoOf(first!)} ${where[first!.fate]}${more(files)}`,
    expected: onlyWhatRuns,
    remedy: formatRemedy(files, facts),
    severity: 'warn',
    details: [...importLine(files, facts), ...others(files)],
  }
}

function warningOfTheFormat(facts: Facts, files: readonly FatedFile[]): ReturnType<Group> {
  const [first] = files
  const { name } = first!.file
  const order = describeOrder(files.map(({ file }) => file.name))
  return {
    found: `${name} is written for ${first!.tool}${more(files)}: ${order ?? meaning(first!)}`,
    expected: "files in Atlas's own format",
    remedy: formatWarningRemedy(files, facts),
    severity: 'warn',
    details: [...importLine(files, facts), ...files.slice(1, shown).map(also)],
    ...(sharesVersion(files) && { partOf: 'version-duplicate' }),
  }
}

function also({ file, tool }: FatedFile): string {
  return `also: ${file.name} (${tool})`
}

/** What the operator makes of the file. */
function meaning({ role, tool }: FatedFile): string {
  if (role === 'repeatable') return 'the operator runs it once, before the V files'
  if (role === 'baseline') return 'the operator runs it, and the V files that it stands for'
  if (role === 'versioned') return 'the operator orders versions as text'
  if (role === 'undo') return 'the operator runs both halves of a pair'
  return tool === 'Liquibase'
    ? 'the operator runs every changeset, whatever its context or dbms'
    : 'its markers mean nothing to the operator'
}

function formatWarningRemedy(files: readonly FatedFile[], facts: Facts): string {
  const [first] = files
  if (first!.tool === 'Liquibase')
    return 'keep the changesets that are meant for this database and run `atlas migrate hash`'
  if (first!.tool === 'Sqitch')
    return 'ship the statements alone, without BEGIN and COMMIT, and run `atlas migrate hash`'
  if (first!.role === 'marked') return 'remove the markers and run `atlas migrate hash`'
  if (first!.role === 'undo') return formatRemedy(files, facts)
  if (importLine(files, facts).length > 0) return 'convert with `atlas migrate import`'
  return versionRemedies[first!.role]
}

/** Where the import would not keep the order. */
const versionRemedies: Readonly<Record<'versioned' | 'repeatable' | 'baseline', string>> = {
  versioned: 'write all versions with one length, such as V002 and V010',
  repeatable: 'give it a V version above the others, and a new file for each change',
  baseline: 'ship the baseline alone, or the V files alone',
}

/** Whether Atlas takes versions for one that Flyway does not. That stops the operator, and the rule on those says so. */
function sharesVersion(files: readonly FatedFile[]): boolean {
  const versions = files.filter(({ role }) => role !== 'undo').map(({ file }) => file.version)
  return new Set(versions).size < versions.length
}

function more(files: readonly FatedFile[]): string {
  return files.length === 1 ? '' : ` (and ${countOf(files.length - 1, 'more file')})`
}

function others(files: readonly FatedFile[]): readonly string[] {
  return files.slice(1, shown).map(file => `also: ${undoOf(file)}`)
}

/** A person repairs all files in one way, so a few more are enough. */
const shown = 6
