import type { Facts } from '../facts.js'
import type { Finding, Rule } from '../finding.js'

export const configmapNotFound: Rule = {
  id: 'configmap-not-found',
  title: 'The ConfigMap of spec.dir.configMapRef does not exist.',
  why: 'It may come later: the operator waits for it, and its own admission is then judged. It may also be misspelled, or renamed by kustomize.',
  severity: 'warn',
  evidence: 'references',
  evaluate,
}

function evaluate({ directory }: Facts): Finding | null {
  // A reference without a name can never be satisfied: that is directory-missing.
  if (directory.kind !== 'configmap-missing' || directory.name === '') return null
  const [similar] = directory.similar
  return {
    // In the operator's own words (0.7, reason ReadingMigrationData), so that the condition can be searched for.
    found: `ConfigMap "${directory.name}" not found${similar === undefined ? ' yet: nothing was checked' : `, but ${similar} is: kustomize adds a hash to generated names`}`,
    expected: 'a ConfigMap of that name in the same namespace',
    remedy:
      similar === undefined
        ? 'apply it, or correct the name'
        : 'add a nameReference for AtlasMigration spec/dir/configMapRef/name, or set disableNameSuffixHash',
    field: 'spec.dir.configMapRef.name',
    subjects: [directory.name],
  }
}
