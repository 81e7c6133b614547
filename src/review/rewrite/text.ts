import { sanitizeText, shorten } from '../../policy/text/sanitize-text.js'
import type { DirectoryRewrite } from '../../policy/consolidation/directory-rewrite.js'
import type { RewriteDecision } from './rewrite.js'

/**
 * Bytes of a warning that the API server keeps (kubernetes/apiserver,
 * pkg/endpoints/filters/warning.go).
 */
const maxWarning = 256

/** Most characters of the object's name, so that the line for Git is never cut off. */
const maxObject = 80

/** The warning about a rewrite: what is stored, and so what Git should hold as well. */
export function rewriteWarning({ migration, from, to }: DirectoryRewrite): string {
  const { namespace, name } = migration.metadata
  const object = shorten(`AtlasMigration ${namespace}/${name}`, maxObject)
  const inline = migration.spec.dir?.local === undefined ? '' : ' and no spec.dir.local'
  return text(
    `${object}: stored with ${gitLine(to)}${inline}, since that consolidates ${from}; put this into Git`,
  )
}

/**
 * What the answer of /validate says about a consolidated ConfigMap that is not used; null when
 * there is none.
 */
export function rewriteRemark(decision: RewriteDecision): string | null {
  if (decision.kind === 'unclaimed') return null
  if (decision.kind === 'rewrite') {
    const { from, to } = decision.rewrite
    return text(`ConfigMap ${to} consolidates ${from} and can be used; fix: ${gitLine(to)}`)
  }
  const { from, to, reason } = decision
  return text(
    to === undefined
      ? `ConfigMap ${from} is not replaced: ${reason}`
      : `ConfigMap ${to} consolidates ${from}, but is not used: ${reason}`,
  )
}

function gitLine(name: string): string {
  return `spec.dir.configMapRef.name: ${name}`
}

function text(line: string): string {
  return shorten(sanitizeText(line), maxWarning)
}
