import { listNames } from '../../atlas/text/name-list.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { ObjectName } from './sources.js'
import type { Succession } from './survivors.js'

/** What was written, and what it replaces. */
export interface StepInput {
  /** Folder with the manifests, or with the directory itself. */
  readonly output: string
  /** null when no ConfigMap was written. */
  readonly configMap: ObjectName | null
  readonly successions: readonly Succession[]
  /** `namespace/name` of the AtlasMigrations whose manifest is in the folder. */
  readonly written: readonly string[]
  /** The command that applies the folder with the manifests. */
  readonly applyCommand: string
  /** `namespace/name` of the ConfigMaps that nothing uses afterwards. */
  readonly replaced: readonly string[]
}

/**
 * What a person does with the output, in an order that is safe. An old ConfigMap is deleted last,
 * and is never emptied while an AtlasMigration names it, because the operator would then try to
 * undo migrations.
 */
export function describeSteps(input: StepInput): readonly string[] {
  const { successions } = input
  const survivors = successions.flatMap(({ survivor }) => survivor ?? [])
  const others = successions.flatMap(({ others }) => others)
  const steps = [
    freeze([...survivors, ...others]),
    deliver(input),
    ...point(input, survivors),
    ...(others.length > 0
      ? [
          `Remove AtlasMigration ${listNames(others.map(migrationName))}; that leaves the database alone.`,
        ]
      : []),
    ...(input.replaced.length > 0
      ? [
          `After that, remove ConfigMap ${listNames(input.replaced)}; never empty one that an AtlasMigration still names.`,
        ]
      : []),
    ...verify(survivors),
    ...unfreeze([...survivors, ...others]),
  ]
  return ['Next, in this order:', ...steps.map((step, index) => `  ${index + 1}. ${step}`)]
}

function openForDown(migrations: readonly AtlasMigration[]): readonly AtlasMigration[] {
  return migrations.filter(({ spec }) => spec.protectedFlows?.migrateDown?.allow)
}

/** The step that allows undoing migrations again; none where it was not allowed before. */
function unfreeze(migrations: readonly AtlasMigration[]): readonly string[] {
  return migrations.length > 0 && openForDown(migrations).length === 0
    ? []
    : ['Then, and only then, allow migrate down again where it was allowed.']
}

function freeze(migrations: readonly AtlasMigration[]): string {
  const open = openForDown(migrations)
  if (migrations.length === 0)
    return 'Freeze: set spec.protectedFlows.migrateDown.allow to false on every AtlasMigration of these tables.'
  return open.length === 0
    ? 'Freeze: leave spec.protectedFlows.migrateDown.allow off, as it is, whatever the operator says meanwhile.'
    : `Freeze: set spec.protectedFlows.migrateDown.allow to false on ${listNames(open.map(migrationName))}.`
}

function deliver({ output, configMap, applyCommand }: StepInput): string {
  return configMap === null
    ? `Commit ${output} in place of the directories, and make one ConfigMap of it.`
    : `Commit ${output} and apply it: ${applyCommand} ${output}`
}

/**
 * The step for objects whose manifest is not in the folder: a person makes them name the new
 * ConfigMap.
 */
function point(
  { configMap, written }: StepInput,
  survivors: readonly AtlasMigration[],
): readonly string[] {
  const open = survivors.filter(migration => !written.includes(migrationName(migration)))
  if (configMap === null)
    return open.map(
      migration =>
        `Point AtlasMigration ${migrationName(migration)} to it (spec.dir.configMapRef.name); keep its name, and with it its dir-state.`,
    )
  return open.map(migration => pointByHand(migration, configMap))
}

function pointByHand({ metadata }: AtlasMigration, configMap: ObjectName): string {
  const { namespace = '', name = '' } = metadata
  if (namespace !== configMap.namespace)
    return `AtlasMigration ${namespace}/${name} reads ConfigMaps of its own namespace: run this again with --configmap ${namespace}/${configMap.name}, and apply that too.`
  const patch = JSON.stringify({
    spec: { dir: { configMapRef: { name: configMap.name }, local: null } },
  })
  return `Point AtlasMigration ${namespace}/${name} to it, in Git or by: kubectl patch atlasmigration ${name} -n ${namespace} --type merge -p '${patch}'`
}

function verify(survivors: readonly AtlasMigration[]): readonly string[] {
  return survivors.map(({ metadata: { namespace = '', name = '' } }) => {
    const wait = `kubectl wait atlasmigration/${name} -n ${namespace} --for=condition=Ready`
    return `Verify: ${wait} and atlas-admission explain ${namespace}/${name}`
  })
}
