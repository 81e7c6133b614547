import { type Directory, sumFileName } from '../../atlas/directory/directory.js'
import { fileSuffix } from '../../atlas/directory/file.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import type { WrittenConfigMap } from '../../manifests/write/configmap-manifest.js'
import {
  consolidatedLabel,
  consolidatesAnnotation,
} from '../../policy/consolidation/consolidation-claim.js'
import type { EditedManifest } from '../../manifests/write/migration-manifest.js'
import type { ObjectName, ReadSource } from './sources.js'

/** The files that a consolidation writes, by name, and for edited ones the text before. */
export interface WrittenFiles {
  readonly files: ReadonlyMap<string, string>
  readonly edited: ReadonlyMap<string, string>
}

/** A directory with its atlas.sum. */
export type SummedDirectory = Directory & { readonly sumText: string }

/** The text of each file of a directory, with atlas.sum last. */
export function directoryFiles({ files, sumText }: SummedDirectory): ReadonlyMap<string, string> {
  return new Map([
    ...files.map(({ name, content }) => [name, content] as const),
    [sumFileName, sumText],
  ])
}

/** An AtlasMigration that is to name the new ConfigMap. */
export interface PointedMigration extends ObjectName {
  readonly manifest: EditedManifest
}

/** The manifests for kustomize or `kubectl apply`. */
export function manifestFiles(
  configMap: string,
  migrations: readonly PointedMigration[],
): WrittenFiles {
  const named = migrations.map(
    ({ name, manifest }) => [`atlasmigration-${name}.yaml`, manifest] as const,
  )
  const resources = ['configmap.yaml', ...named.map(([name]) => name).sort(compareBytewise)]
  return {
    files: new Map([
      ['configmap.yaml', configMap],
      ...named.map(([name, { after }]) => [name, after] as const),
      ['kustomization.yaml', kustomization(resources)],
    ]),
    edited: new Map(named.map(([name, { before }]) => [name, before])),
  }
}

/**
 * The kustomization. It uses no generator, because that would give the ConfigMap another name than
 * spec.dir.configMapRef has, a field that kustomize does not know.
 */
function kustomization(resources: readonly string[]): string {
  return [
    '# No configMapGenerator: it would append a hash to the name of the ConfigMap, and kustomize does not know that',
    '# spec.dir.configMapRef of an AtlasMigration would have to follow.',
    'apiVersion: kustomize.config.k8s.io/v1beta1',
    'kind: Kustomization',
    'resources:',
    ...resources.map(name => `  - ${name}`),
    '',
  ].join('\n')
}

/**
 * The ConfigMap of the merged directory. Its metadata let the webhook point AtlasMigrations to it.
 */
export function mergedConfigMap(
  { namespace, name }: ObjectName,
  directory: SummedDirectory,
  sources: readonly ReadSource[],
): WrittenConfigMap {
  const replaced = replacedConfigMaps({ namespace, name }, sources)
  return {
    namespace,
    name,
    labels: { [consolidatedLabel]: 'true' },
    annotations: replaced.length === 0 ? {} : { [consolidatesAnnotation]: replaced.join(',') },
    data: Object.fromEntries(directoryFiles(directory)),
  }
}

/** Names of the ConfigMaps of this namespace that the new one replaces. */
export function replacedConfigMaps(
  { namespace, name }: ObjectName,
  sources: readonly ReadSource[],
): readonly string[] {
  const names = sources.flatMap(({ configMap }) =>
    configMap && (configMap.namespace ?? namespace) === namespace ? [configMap.name] : [],
  )
  return [...new Set(names)].filter(other => other !== name).sort(compareBytewise)
}

/** Whether a consolidation may have written the file. No other file is ever replaced. */
export function isWrittenFile(name: string): boolean {
  return (
    name.endsWith(fileSuffix) ||
    name === sumFileName ||
    /^(?:configmap|kustomization|atlasmigration-.+)\.yaml$/.test(name)
  )
}
