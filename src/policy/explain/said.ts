import type { Rule } from '../facts/finding.js'
import type { Facts } from '../facts/facts.js'
import { operatorSteps } from './operator-step.js'
import { type Seen, type Situation, situationOf } from './said-cause.js'
import { connectionSentences } from './said-connection.js'
import { devDatabaseSentence } from './said-dev-database.js'
import { reasons } from './said-reasons.js'
import { runningSentences } from './said-running.js'
import { type Sentence, sentences as engineSentences } from './said-sentences.js'

/** In the order in which a text is compared with them, the narrower ones first. */
const sentences: readonly Sentence[] = [
  ...engineSentences,
  devDatabaseSentence,
  ...connectionSentences,
  ...runningSentences,
  ...reasons,
]

/** What a sentence that somebody read can mean, and which cause it has here. */
export interface SaidAnswer {
  readonly meaning: string
  readonly advice: string
  /** Whether the operator would write it again now; null when that cannot be predicted. */
  readonly again: boolean | null
  /** First the causes that hold, then those that are possible, then those that are ruled out. */
  readonly causes: readonly ({ readonly text: string } & Seen)[]
}

const order: Readonly<Record<Seen['state'], number>> = { this: 0, possible: 1, 'ruled-out': 2 }

/** Explains a sentence; null for a text without a known one. */
export function explainSaid(text: string, facts: Facts, rules: readonly Rule[]): SaidAnswer | null {
  const sentence = findSentence(text)
  if (sentence === null) return null
  const situation = situationOf(facts, rules)
  const known = sentence.causes.map(({ text, look }) => ({ text, ...look(situation) }))
  const again = isSaidAgain(sentence, facts)
  const isRuledOut = known.every(({ state }) => state === 'ruled-out')
  // To rule out every cause of what would be said again is to contradict oneself.
  const causes = again === true && isRuledOut ? [...known, otherCause(situation)] : known
  return {
    meaning: sentence.meaning,
    advice: sentence.advice,
    again,
    causes: causes.sort((a, b) => order[a.state] - order[b.state]),
  }
}

/** The gravest finding of a rule that denies; without one, that it is not known here. */
function otherCause({ findings }: Situation): SaidAnswer['causes'][number] {
  for (const { rule, finding } of findings.values())
    if (rule.severity === 'deny')
      return {
        text: rule.title.replace(/\.$/, ''),
        state: 'this',
        because: finding.found,
        remedy: finding.remedy,
        rule: rule.id,
      }
  return { text: 'a cause that is not among those known here', state: 'possible' }
}

/** Explains a sentence without an AtlasMigration: every cause is possible. */
export function explainSaidInGeneral(text: string): SaidAnswer | null {
  const sentence = findSentence(text)
  if (sentence === null) return null
  const causes = sentence.causes.map(({ text }) => ({ text, state: 'possible' as const }))
  return { meaning: sentence.meaning, advice: sentence.advice, again: null, causes }
}

/**
 * Longest text in which a reason is sought, such as `Ready=False (Migrating)` or a line of `kubectl
 * get`. In prose, "login" is a word as any other.
 */
const longestReason = 80

/**
 * Finds the known sentence in a text, which may have the line breaks of a terminal and one of
 * several wordings.
 */
function findSentence(text: string): Sentence | null {
  const said = normalize(text)
  const words = said.length > longestReason ? [] : said.split(/[^a-z]+/)
  return (
    // What stands in front decides: behind it may come any sentence about the other database.
    [devDatabaseSentence, ...sentences].find(sentence => says(sentence, said)) ??
    sentences.find(({ exact }) => exact !== undefined && words.includes(exact.toLowerCase())) ??
    null
  )
}

function says({ words = [] }: Sentence, said: string): boolean {
  return words.some(word => said.includes(word))
}

/** Whether the prediction has the sentence; null also for one that no prediction ever has. */
function isSaidAgain(sentence: Sentence, facts: Facts): boolean | null {
  const steps = operatorSteps(facts)
  if (steps === null || sentence.exact !== undefined || unpredicted.has(sentence)) return null
  return says(sentence, normalize(`${steps.now.says ?? ''} ${steps.next?.says ?? ''}`))
}

/** What drivers, networks and running files say, which follows from no directory and no rows. */
const unpredicted: ReadonlySet<Sentence> = new Set([
  devDatabaseSentence,
  ...runningSentences,
  ...connectionSentences,
])

function normalize(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ')
}

/** The known sentences, each in one wording. */
export const knownSentences: readonly string[] = sentences.flatMap(({ words = [], exact }) =>
  exact === undefined ? words.slice(0, 1) : [exact],
)
