import type { Rule } from '../facts/finding.js'
import type { Facts } from '../facts/facts.js'
import { operatorSteps } from './operator-step.js'
import { type Seen, situationOf } from './said-cause.js'
import { type Sentence, sentences } from './said-sentences.js'

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
  const causes = sentence.causes.map(({ text, look }) => ({ text, ...look(situation) }))
  return {
    meaning: sentence.meaning,
    advice: sentence.advice,
    again: isSaidAgain(sentence, facts),
    causes: causes.sort((a, b) => order[a.state] - order[b.state]),
  }
}

/**
 * Finds the known sentence in a text, which may have the line breaks of a terminal and one of
 * several wordings.
 */
function findSentence(text: string): Sentence | null {
  const said = normalize(text)
  return sentences.find(({ words }) => words.some(word => said.includes(word))) ?? null
}

function isSaidAgain({ words }: Sentence, facts: Facts): boolean | null {
  const steps = operatorSteps(facts)
  if (steps === null) return null
  const said = normalize(`${steps.now.says ?? ''} ${steps.next?.says ?? ''}`)
  return words.some(word => said.includes(word))
}

function normalize(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ')
}

/** The known sentences, each in one wording. */
export const knownSentences: readonly string[] = sentences.flatMap(({ words }) => words.slice(0, 1))
