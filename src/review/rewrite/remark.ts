import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { Evaluate, Evaluation, EvaluationContext } from '../verdict/evaluation.js'
import { decideRewrite } from './rewrite.js'
import { rewriteRemark } from './text.js'
import type { Affected } from '../verdict/subject.js'

/**
 * Adds a remark to the verdict where another ConfigMap consolidates the one that the AtlasMigration
 * names. /mutate has left the object as it was, and people should learn why.
 */
export function remarking(evaluate: Evaluate): Evaluate {
  return async (affected, context) => {
    const { written, settings } = context
    if (written !== 'AtlasMigration' || settings.consolidation.rewrite === 'off')
      return evaluate(affected, context)
    const [evaluation, remark] = await Promise.all([
      evaluate(affected, context),
      findRemark(affected, context),
    ])
    return remark === null ? evaluation : withRemark(evaluation, remark)
  }
}

/**
 * The remark, or null. A verdict does not need one, so a remark that fails or comes late is left
 * out.
 */
async function findRemark(affected: Affected, context: EvaluationContext): Promise<string | null> {
  try {
    const decision = await Promise.race([decideRewrite(affected, context), context.passed])
    return decision && rewriteRemark(decision)
  } catch (error) {
    const where = migrationName(affected.after.migration)
    context.onFault({ part: 'rewrite', where, error })
    return null
  }
}

/** Adds the remark to the denial if there is one, because Flux and Argo CD show no warnings. */
function withRemark(evaluation: Evaluation, remark: string): Evaluation {
  const { judged, notices } = evaluation
  const first = judged.find(({ action }) => action === 'deny')
  if (!first) return { ...evaluation, notices: [...notices, remark] }
  const { details = [] } = first.finding
  const explained: JudgedFinding = {
    ...first,
    finding: { ...first.finding, details: [remark, ...details] },
  }
  return { ...evaluation, judged: judged.map(found => (found === first ? explained : found)) }
}
