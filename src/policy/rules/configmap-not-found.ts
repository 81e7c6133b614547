import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const configmapNotFound: Rule = {
  id: 'configmap-not-found',
  title: 'The ConfigMap of spec.dir.configMapRef does not exist.',
  why: 'It may come later: the operator waits for it, and its own admission is then judged. It may also be misspelled, or renamed by kustomize.',
  severity: 'warn',
  evidence: 'references',
  order: 3000,
  since: '0.1.0',
  evaluate,
}

function evaluate({ directory }: Facts): Finding | null {
  // A reference without a name can never be satisfied, and the rule directory-missing finds it.
  if (directory.kind !== 'configmap-missing' || directory.name === '') return null
  const [similar] = directory.similar
  const description = {
    expected: 'a ConfigMap of that name in the same namespace',
    field: 'spec.dir.configMapRef.name',
    subjects: [directory.name],
  }
  if (similar !== undefined) return { ...description, ...renamed(directory.name, similar) }
  return {
    ...description,
    // The operator's own words (0.7, reason ReadingMigrationData), so that they can be searched
    // for.
    found: `ConfigMap "${directory.name}" not found yet: nothing was checked`,
    remedy: 'apply it, or correct the name',
  }
}

/**
 * The texts for a ConfigMap that kustomize renamed: it adds a hash to the names it generates, and
 * to references only where it knows them.
 */
function renamed(name: string, similar: string): Pick<Finding, 'found' | 'remedy' | 'details'> {
  return {
    found: `ConfigMap "${name}" not found, but ${similar} is (kustomize)`,
    remedy: 'set disableNameSuffixHash, or add a nameReference',
    details: ['nameReference: kind AtlasMigration, path spec/dir/configMapRef/name'],
  }
}
