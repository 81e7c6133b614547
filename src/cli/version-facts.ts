import type { Arguments } from './line/arguments.js'
import type { Output } from './output/output.js'
import { readVersion } from '../gate/version.js'

/**
 * The version of the engine whose answers the predictions are compared with, byte by byte
 * (test/fixtures/vectors).
 */
const atlasVersion = 'v1.2.3'

/**
 * The version of the operator that is predicted, and whose AtlasMigration (db.atlasgo.io/v1alpha1)
 * is read.
 */
const operatorVersion = '0.7'

/** Prints the version, and what helps in a bug report. Returns the exit code. */
export function printVersion(args: Arguments, { print }: Output): number {
  const facts = {
    version: readVersion(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    atlas: atlasVersion,
    operator: operatorVersion,
  }
  if (args.isSet('json')) print(JSON.stringify(facts, null, 2))
  else {
    print(`atlas-admission ${facts.version} (Node.js ${facts.node}, ${facts.platform})`)
    print(`predicts Atlas ${facts.atlas} under Atlas Operator ${facts.operator}`)
  }
  return 0
}
