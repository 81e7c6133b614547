import { rules } from '../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import { TargetIndex } from '../../src/review/facts/target-index.js'
import type { Reviewer } from '../../src/review/ports/admission.js'
import { buildReviewer, type ReviewerDependencies } from '../../src/review/reviewer.js'

type Given = Pick<ReviewerDependencies, 'cluster' | 'reader'> & Partial<ReviewerDependencies>

/** A reviewer with every rule, the default settings and a clock that stands still. */
export function fakeReviewer(given: Given): Reviewer {
  return buildReviewer({
    targets: new TargetIndex(),
    rules,
    settings: defaultSettings,
    now: () => new Date('2026-11-24T00:00:00Z'),
    ...given,
  })
}
