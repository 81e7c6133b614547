import type { AtlasMigrationSpec } from './atlas-migration.js'

/**
 * The parts of spec.dir that count as set, in the order in which the operator prefers them: remote
 * when it has a name, local and configMapRef when they are not null (operator 0.7, `extractData`).
 */
export function directorySources(spec: AtlasMigrationSpec): readonly string[] {
  const { local, configMapRef } = spec.dir ?? {}
  return [
    ...(isRemote(spec) ? ['remote'] : []),
    ...((local ?? null) !== null ? ['local'] : []),
    ...((configMapRef ?? null) !== null ? ['configMapRef'] : []),
  ]
}

/** Whether the directory is in Atlas Cloud, which wins over the other parts. */
export function isRemote(spec: AtlasMigrationSpec): boolean {
  return (spec.dir?.remote?.name ?? '') !== ''
}
