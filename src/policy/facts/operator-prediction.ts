import { type Prediction, predict } from '../../atlas/engine/operator.js'
import type { AtlasMigrationSpec } from './atlas-migration.js'
import type { DirectoryFacts, TableFacts } from './facts.js'

/** The facts that a prediction for an AtlasMigration rests on. */
export interface PredictionFacts {
  readonly spec: AtlasMigrationSpec
  readonly directory: DirectoryFacts
  readonly table: TableFacts
}

/**
 * Predicts the operator; null when the directory or the table is not known, or the operator stops
 * before it plans.
 */
export function predictOperator({ spec, directory, table }: PredictionFacts): Prediction | null {
  // With an ambiguous table the operator stops before it plans, whatever the rows are.
  if (directory.kind !== 'read' || table.kind !== 'read' || table.ambiguous) return null
  return predict({
    data: directory.data,
    directory: directory.directory,
    state: { revisions: table.revisions, notClean: table.notClean },
    options: {
      execOrder: spec.execOrder ?? 'linear',
      baseline: spec.baseline ?? '',
      allowDirty: false,
    },
    dialect: 'postgres',
  })
}
