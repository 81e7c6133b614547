import type { AtlasMigrationSpec } from './atlas-migration.js'

/**
 * The parts of spec.dir that count as set, in the order in which the operator prefers them:
 * remote by its name, local and configMapRef by not being null (operator 0.7, `extractData`).
 */
export function directorySources(spec: AtlasMigrationSpec): readonly string[] {
  const { local, configMapRef } = spec.dir ?? {}
  return [
    ...(isRemote(spec) ? ['remote'] : []),
    ...((local ?? null) !== null ? ['local'] : []),
    ...((configMapRef ?? null) !== null ? ['configMapRef'] : []),
  ]
}

/** A directory in Atlas Cloud; it wins over the others. */
export function isRemote(spec: AtlasMigrationSpec): boolean {
  return (spec.dir?.remote?.name ?? '') !== ''
}
