import { realpath, stat } from 'node:fs/promises'
import { normalize } from 'node:path'
import { buildDirectory, type Directory } from '../../atlas/directory/directory.js'
import { fileSuffix } from '../../atlas/directory/file.js'
import type { ManifestInput } from '../../manifests/read/manifest-input.js'
import type { MigrationFolder } from '../../manifests/read/migration-folder.js'
import type { AtlasMigration, ConfigMap } from '../../policy/facts/atlas-migration.js'
import type { ClusterView } from '../../review/facts/cluster-view.js'
import { readDirectorySource } from '../../review/facts/read-directory.js'
import { ConsolidationError } from './error.js'
import { UsageError } from '../line/usage-error.js'

/** A directory as the command line names it. */
export type SourceRequest =
  /**
   * A folder of migration files, or a file of manifests. `configMap` names the ConfigMap that the
   * folder stands for, if that was given.
   */
  | { readonly kind: 'path'; readonly path: string; readonly configMap: string | null }
  | ({ readonly kind: 'configmap' | 'migration' } & ObjectName)

export interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** Parses `NAMESPACE/NAME` or `NAME`. */
export function parseObjectName(text: string, namespace: string): ObjectName {
  const [first = '', ...rest] = text.split('/')
  if (first === '' || rest.length > 1 || rest[0] === '')
    throw new UsageError(`expected [NAMESPACE/]NAME, found "${text}"`)
  return rest[0] === undefined ? { namespace, name: first } : { namespace: first, name: rest[0] }
}

/** @throws UsageError */
export function parseSourceRequest(text: string, namespace: string): SourceRequest {
  const [, kind, object] = /^(configmap|migration):(.*)$/s.exec(text) ?? []
  if (kind !== undefined)
    return {
      kind: kind as 'configmap' | 'migration',
      ...parseObjectName(object as string, namespace),
    }
  const [, configMap = null, path] = pathPattern.exec(text) as RegExpExecArray
  return { kind: 'path', path: path as string, configMap }
}

/** Matches every text. */
const pathPattern = /^(?:([a-z0-9][-.a-z0-9]*)=)?(.*)$/s

/** A directory that was read. */
export interface ReadSource {
  /** What a person calls it; the same for a directory that was named twice. */
  readonly name: string
  readonly directory: Directory
  /** The ConfigMap that holds it, or is going to. The namespace is null for a folder. */
  readonly configMap: { readonly namespace: string | null; readonly name: string } | null
  /** The AtlasMigration that holds it inline. */
  readonly migration: ObjectName | null
  /** Names in it that the operator does not read, though they look like migration files. */
  readonly ignored: readonly string[]
}

export interface SourceAccess {
  /** null when no cluster was named. */
  readonly view: ClusterView | null
  readonly migrations: readonly AtlasMigration[]
  readonly readFolder: (path: string) => Promise<MigrationFolder>
  readonly readManifests: (path: string) => Promise<ManifestInput>
}

/** Reads every directory, in the order in which they were named. */
export async function readSources(
  requests: readonly SourceRequest[],
  access: SourceAccess,
): Promise<readonly ReadSource[]> {
  const sources: ReadSource[] = []
  const known = new Map<string, string>()
  for (const request of requests)
    sources.push(
      ...(request.kind === 'path'
        ? await readPath(request, access, known)
        : await readObject(request, access)),
    )
  return sources
}

type PathRequest = Extract<SourceRequest, { kind: 'path' }>

/** Reads a path. A folder has one name, however its path is spelled. */
async function readPath(
  { path, configMap }: PathRequest,
  access: SourceAccess,
  known: Map<string, string>,
): Promise<readonly ReadSource[]> {
  const found = await stat(path).catch(() => null)
  if (found?.isFile()) return readFile(path, configMap, access)
  const { data, ignored } = await access.readFolder(path)
  const real = await realpath(path)
  const shown = known.get(real) ?? `folder ${normalize(path).replace(/(?<=.)\/$/, '')}`
  known.set(real, shown)
  const source: ReadSource = {
    name: shown,
    directory: buildDirectory(data),
    configMap: configMap === null ? null : { namespace: null, name: configMap },
    migration: null,
    ignored,
  }
  return [source]
}

/** Every ConfigMap of the file that holds migrations. */
async function readFile(
  path: string,
  configMap: string | null,
  access: SourceAccess,
): Promise<readonly ReadSource[]> {
  if (configMap !== null)
    throw new UsageError(
      `${configMap}=${path}: expected a folder, found a file; a manifest has its own names`,
    )
  const { objects, problems } = await access.readManifests(path)
  failOnProblems(problems)
  const sources = objects.flatMap(({ entry }) =>
    entry.kind === 'ConfigMap' && holdsMigrations(entry.object)
      ? [configMapSource(entry.object)]
      : [],
  )
  if (sources.length === 0)
    throw new ConsolidationError(
      `${path}: expected a ConfigMap with migration files, found none; name a folder, or the manifest of a ConfigMap`,
    )
  return sources
}

/** @throws ConsolidationError with the first problem: `file:line:column: what`. */
export function failOnProblems(problems: ManifestInput['problems']): void {
  const [first] = problems
  if (first === undefined) return
  const { file, line, column, message } = first
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  throw new ConsolidationError(
    `the manifests cannot be used: ${file}:${line}:${column}: ${message}${more}`,
  )
}

function holdsMigrations({ data = {} }: ConfigMap): boolean {
  return Object.keys(data).some(key => key.endsWith(fileSuffix))
}

function nameOf({ metadata }: AtlasMigration | ConfigMap): ObjectName {
  const { namespace = '', name = '' } = metadata
  return { namespace, name }
}

function configMapSource(configMap: ConfigMap): ReadSource {
  const { namespace, name } = nameOf(configMap)
  const { data = {}, binaryData = {} } = configMap
  return {
    name: `ConfigMap ${namespace}/${name}`,
    directory: buildDirectory(data),
    configMap: { namespace, name },
    migration: null,
    ignored: Object.keys(binaryData),
  }
}

type ObjectRequest = Exclude<SourceRequest, { kind: 'path' }>

async function readObject(
  { kind, namespace, name }: ObjectRequest,
  { view, migrations }: SourceAccess,
): Promise<readonly ReadSource[]> {
  const shown = `${kind}:${namespace}/${name}`
  if (view === null)
    throw new UsageError(
      `${shown} needs a cluster: --manifests DIR for a folder, or --kubernetes for a real one`,
    )
  if (kind === 'configmap') return [await readConfigMap({ namespace, name }, view)]
  const migration = migrations.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  )
  if (migration === undefined)
    throw new ConsolidationError(`${shown}: there is no AtlasMigration of that name`)
  return readMigration(migration, view)
}

async function readConfigMap(
  { namespace, name }: ObjectName,
  view: ClusterView,
): Promise<ReadSource> {
  const reading = await view.readConfigMap(namespace, name)
  if ('unreadable' in reading)
    throw new ConsolidationError(
      `ConfigMap ${namespace}/${name} cannot be read: ${reading.unreadable}`,
    )
  if (reading.value === null)
    throw new ConsolidationError(`ConfigMap ${namespace}/${name}: there is none of that name`)
  return configMapSource(reading.value)
}

/**
 * Reads the directory of an AtlasMigration. When it names two, both are read: the operator stops
 * there, and one of the two is the one meant.
 */
async function readMigration(
  migration: AtlasMigration,
  view: ClusterView,
): Promise<readonly ReadSource[]> {
  const { namespace, name } = nameOf(migration)
  const { dir } = migration.spec
  const facts = await readDirectorySource(view, migration)
  const sources: ReadSource[] = []
  if (facts.kind !== 'remote' && dir?.local)
    sources.push({
      name: `AtlasMigration ${namespace}/${name}`,
      directory: buildDirectory(dir.local),
      configMap: null,
      migration: { namespace, name },
      ignored: [],
    })
  if (facts.kind !== 'remote' && dir?.configMapRef)
    sources.push(await readConfigMap({ namespace, name: dir.configMapRef.name ?? '' }, view))
  if (sources.length > 0) return sources
  const what = facts.kind === 'remote' ? 'a remote directory, which cannot be read here' : 'none'
  throw new ConsolidationError(
    `AtlasMigration ${namespace}/${name}: expected a directory in spec.dir, found ${what}`,
  )
}
