import type { Facts } from '../facts/facts.js'
import { resolvedTarget } from './target-change.js'
import { emptyBaseline, type FirstRun } from './first-run.js'
import { plannedHistory } from './live-history.js'

/** The two ways to start in a database that others use: both run every file. */
export interface FirstRunAdvice {
  readonly remedy: string
  readonly details: readonly string[]
}

/**
 * How an AtlasMigration starts in a database that holds nothing of its files and yet is not empty.
 * Never with the version of a file that has statements, which would be lost.
 */
export function firstRunAdvice(facts: Facts, { isPublicEmpty }: FirstRun): FirstRunAdvice {
  const isBound = resolvedTarget(facts)?.boundSchema !== null
  const empty = emptyBaselineText(facts)
  const never =
    'Do not set spec.baseline to the version of a file with statements: Atlas takes it for done, and it never runs'
  if (isPublicEmpty && !isBound)
    return {
      remedy: 'add search_path=public to the URL, and Atlas looks at that schema only',
      details: [`Or ${empty}`, never],
    }
  return {
    remedy: empty,
    details: [`Or ${ownSchemaText(facts)}`, never],
  }
}

/** An empty file as the baseline skips nothing, whatever else the database holds. */
export function emptyBaselineText(facts: Facts): string {
  const place = emptyBaseline(plannedHistory(facts)?.files ?? [])
  return place
    ? `put an empty file ${place.file} into the directory, rehash, and set spec.baseline to "${place.version}"`
    : 'put an empty file before all others into the directory, rehash, and set spec.baseline to its version'
}

/** A schema of its own keeps everything else out of the check. It has to be there already. */
export function ownSchemaText({ migration }: Facts): string {
  const schema = (migration.metadata.name ?? '').replaceAll(/[^a-z0-9]+/g, '_')
  return `make a schema for it (CREATE SCHEMA ${schema}) and add search_path=${schema} to the URL`
}
