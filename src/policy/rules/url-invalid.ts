import { maySet, readableConfig } from '../facts/custom-config.js'
import type { Facts, Target } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { misreading, type Misreading } from '../url/schema-name.js'
import { foreignText, refusedText } from '../url/parameter-text.js'

export const urlInvalid: Rule = {
  id: 'url-invalid',
  title:
    'The database URL cannot be parsed, has an unknown scheme or a parameter that the server refuses, or a search_path that Atlas and the server read differently.',
  why: 'The operator or Atlas stops before it reaches the database, or before the first file. Its driver sends parameters that it does not know to the server, which refuses the login for them. A search_path that is read differently makes the revisions table in one schema, and Atlas looks for it in another.',
  severity: 'deny',
  evidence: 'spec',
  order: 1080,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  return ofTarget(facts) ?? ofDevDatabase(facts)
}

/** The dev database is asked by nobody here, and not every run of the operator needs it. */
function ofDevDatabase({ devTarget, migration: { spec } }: Facts): Finding | null {
  const field = spec.devURLFrom?.secretKeyRef ? 'spec.devURLFrom' : 'spec.devURL'
  if (devTarget.kind === 'invalid') {
    const found = `${field}: ${devTarget.problem}`
    const text = devTarget.ofParameter ? asParameter : asUrl
    return { ...text, found, field, subjects: [found], severity: 'warn' }
  }
  const text = devTarget.kind === 'resolved' ? foreignText(devTarget.target) : null
  return text && { ...text, found: `${field}: ${text.found}`, field, severity: 'warn' }
}

function ofTarget(facts: Facts): Finding | null {
  const { target, table } = facts
  if (target.kind === 'invalid') return unusable(facts, target)
  if (target.kind !== 'resolved') return null
  if (table.kind === 'failed' && table.refused) {
    const text = refusedText(table.refused, target.target)
    const severity = lowered(facts, target.target.fromSecret)
    return { ...text, field: urlField(facts), since: '0.2.0', ...severity }
  }
  return misread(facts, target.target) ?? unasked(facts, target.target)
}

type Invalid = Extract<Facts['target'], { readonly kind: 'invalid' }>

const asUrl = {
  expected: 'scheme://user:password@host:port/database, with reserved characters percent-encoded',
  remedy: 'correct the URL, or use spec.credentials, which encodes for you',
}

const asParameter = {
  expected: "a parameter as the operator's driver takes it",
  remedy: 'correct the parameter, or remove it',
}

function unusable(facts: Facts, target: Invalid): Finding {
  return {
    found: target.problem,
    ...(target.ofParameter ? { ...asParameter, since: '0.2.0' } : asUrl),
    field: urlField(facts),
    subjects: [target.problem],
    ...lowered(facts, target.fromSecret),
  }
}

/** A server that let us in with the parameters has answered; one that was not asked has not. */
function unasked(facts: Facts, target: Target): Finding | null {
  if (facts.table.kind === 'read') return null
  const text = foreignText(target)
  return text && { ...text, field: urlField(facts), severity: 'warn' }
}

/** What differs for one reader of a schema's name, as the end of a sentence, and the way out. */
const misreadings: Readonly<
  Record<Misreading, { readonly differs: string; readonly fix: string }>
> = {
  list: {
    differs: 'lists several schemas: Atlas takes the list for the name of one schema',
    fix: 'leave one schema in',
  },
  capitals: {
    differs: 'has capital letters, which the server takes for small ones and Atlas does not',
    fix: 'name a schema in small letters in',
  },
  quotes: {
    differs: 'has quotes, which Atlas takes for a part of the name',
    fix: 'leave the quotes out of',
  },
  blank: {
    differs:
      'has a blank, which the server strips or refuses and Atlas takes for a part of the name',
    fix: 'leave the blank out of',
  },
  long: {
    differs: 'has more than 63 bytes: the server cuts it, and Atlas looks for the whole name',
    fix: 'shorten',
  },
  user: {
    differs: 'is $user, which the server takes for the name of the role and Atlas for a schema',
    fix: 'write the name of the schema into',
  },
}

function misread(facts: Facts, target: Target): Finding | null {
  if (target.dialect !== 'postgres') return null
  const { revisionsSchema } = facts.migration.spec
  const ofUrl = misreading(target.boundSchema ?? '')
  if (ofUrl !== null) {
    return {
      ...misreadText('search_path', ofUrl),
      expected: 'one schema, or no search_path',
      field: urlField(facts),
      // spec.revisionsSchema keeps the revisions table out of it, so only a risk is left then.
      ...lowered(
        facts,
        target.fromSecret || Boolean(revisionsSchema) || (ofUrl !== 'list' && mayExist(facts)),
      ),
    }
  }
  const ofSpec = misreading(revisionsSchema ?? '')
  if (ofSpec === null || hasTable(facts)) return null
  return {
    ...misreadText('spec.revisionsSchema', ofSpec),
    expected: 'a schema in small letters, since Atlas opens it as a search_path',
    field: 'spec.revisionsSchema',
    ...lowered(facts, mayExist(facts)),
  }
}

function misreadText(
  place: string,
  kind: Misreading,
): Pick<Finding, 'found' | 'remedy' | 'subjects' | 'since'> {
  const { differs, fix } = misreadings[kind]
  const isOld = kind === 'list' && place === 'search_path'
  return {
    found: `${place} ${differs}`,
    remedy: `${fix} ${place}`,
    subjects: [place],
    ...(!isOld && { since: '0.2.0' }),
  }
}

/** Where the table is there already, under the very name that Atlas reads, Atlas makes none. */
function hasTable({ table }: Facts): boolean {
  return table.kind === 'read' && table.revisions !== null
}

function mayExist(facts: Facts): boolean {
  return facts.table.kind !== 'read' || hasTable(facts)
}

/**
 * Lowers the finding where it is not certain: a Secret can change without this object, and the
 * `url` of a custom config wins over the spec's.
 */
function lowered(facts: Facts, isUncertain: boolean): Pick<Finding, 'severity'> {
  return isUncertain || maySet(readableConfig(facts), ['url']) ? { severity: 'warn' } : {}
}

/**
 * The field that the URL comes from. The operator takes urlFrom before url, and url before
 * credentials.
 */
function urlField({ migration: { spec } }: Facts): string {
  if (spec.urlFrom?.secretKeyRef) return 'spec.urlFrom'
  return spec.url ? 'spec.url' : 'spec.credentials'
}
