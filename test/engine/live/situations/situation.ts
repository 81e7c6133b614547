import {
  configMap,
  dirState,
  migrate,
  migration,
  type LiveGate,
  type TestConfigMap,
  type TestSecret,
  type Write,
} from '../live-gate.js'
import { withSum, type Files } from '../../../policy/facts/facts-builder.js'
import type { OperatorAction } from '../../../../src/atlas/engine/operator.js'
import type { AtlasMigration } from '../../../../src/policy/facts/atlas-migration.js'

/** Where a situation is built. */
export interface Place {
  /** A database of its own. */
  readonly url: string
  /** The AtlasMigration of the recorded case of that name, as it was written. */
  readonly object: AtlasMigration
}

export interface Scene {
  readonly objects: readonly (AtlasMigration | TestConfigMap | TestSecret)[]
  readonly write: Write
}

export interface Expected {
  /** null: nothing can be predicted. */
  readonly first: OperatorAction | null
  /** Absent: the first one fails or goes down, so nothing follows. */
  readonly next?: OperatorAction
  /**
   * What the operator's condition is compared with: a predicted reconcile; `text`: the answer, which has the
   * operator's own sentence; `sql`: it failed in a statement, which the gate deliberately does not see;
   * `none`: the operator's command line lacked the command.
   */
  readonly condition: 'first' | 'next' | 'text' | 'sql' | 'none'
  /** For situations without a recorded object: the operator's message, empty for Ready. */
  readonly message?: string
  /** null: it crashes. Absent: not looked at. */
  readonly downTarget?: string | null
  readonly denied: readonly string[]
  readonly warned: readonly string[]
}

/** The name of a recorded case (test/fixtures/cases), or what was done. */
export type Row = [
  name: string,
  build: (place: Place, gate: LiveGate) => Promise<Scene>,
  expected: Expected,
]

/** Operator 0.7, reason ProtectedFlowError. */
export const refusal =
  'migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade'

export function create(after: Write['after']): Write {
  return { before: null, after }
}

/** What its spec.dir refers to. */
export function directoryOf({ metadata, spec }: AtlasMigration, data: Files): TestConfigMap {
  return configMap(spec.dir!.configMapRef!.name!, data, metadata.namespace)
}

/** For a situation without a recorded object. */
export function appPlace(url: string): Place {
  return { url, object: migration('app', { url, dir: { configMapRef: { name: 'app' } } }) }
}

export const pair = withSum({
  '20250101000000_a.sql': 'create table a (id int);\n',
  '20250102000000_b.sql': 'create table b (id int);\n',
})
export const third = { '20250103000000_d.sql': 'create table d (id int);\n' }

/** A new AtlasMigration on an empty database. */
export async function fresh({ object }: Place, data: Files): Promise<Scene> {
  return { objects: [directoryOf(object, data)], write: create(object) }
}

/** The pair ran and the operator stored it; then its ConfigMap is written. */
export async function rewritten(place: Place, data: Files, before: Files = pair): Promise<Scene> {
  const { url, object } = place
  await migrate(url, before)
  const { name = '', namespace = '' } = object.metadata
  const directory = directoryOf(object, before)
  const objects = [directory, object, await dirState(name, before, namespace)]
  return { objects, write: { before: directory, after: directoryOf(object, data) } }
}

/** From atlas.sum, as the engine takes it. */
export function hashOf(data: Files, name: string): string {
  const line = data['atlas.sum']!.split('\n').find(text => text.startsWith(`${name} h1:`))!
  return line.slice(`${name} h1:`.length)
}
