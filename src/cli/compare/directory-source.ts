import { fileSuffix } from '../../atlas/directory/file.js'
import type { ManifestInput } from '../../manifests/read/manifest-input.js'
import type { MigrationFolder } from '../../manifests/read/migration-folder.js'
import { UsageError } from '../line/usage-error.js'

export interface DirectoryAdapters {
  readonly readMigrationFolder: (folder: string) => Promise<MigrationFolder>
  readonly readManifests: (path: string) => Promise<ManifestInput>
}

type Data = MigrationFolder['data']

/**
 * Reads a folder of migrations, or the one directory that the manifests in it hold. A folder without
 * either is a mistake: every database goes together with nothing.
 * @throws UsageError
 */
export async function readDirectorySource(
  folder: string,
  { readMigrationFolder, readManifests }: DirectoryAdapters,
): Promise<MigrationFolder> {
  const content = await readMigrationFolder(folder)
  if (Object.keys(content.data).some(isMigration)) return content
  const { objects, problems } = await readManifests(folder)
  const found = objects.flatMap(({ entry }) => directoryOf(entry))
  const [first, ...others] = found
  if (first === undefined) throw new UsageError(nothingIn(folder, problems))
  if (others.length === 0) return { data: first.data, ignored: [] }
  const names = found.map(({ name }) => name).join(', ')
  throw new UsageError(
    `${folder} holds the manifests of several directories (${names}); name a folder with one of them`,
  )
}

function nothingIn(folder: string, problems: ManifestInput['problems']): string {
  const [problem] = problems
  const why =
    problem === undefined
      ? 'neither a .sql file nor the manifest of a ConfigMap with one'
      : `no .sql file, and a manifest that cannot be read (${problem.file}:${problem.line}: ${problem.message})`
  return `${folder}: expected a folder of migration files, found ${why}`
}

interface NamedData {
  readonly name: string
  readonly data: Data
}

/** The directory in a ConfigMap, or in `spec.dir.local` of an AtlasMigration. */
function directoryOf(entry: ManifestInput['objects'][number]['entry']): readonly NamedData[] {
  const { name = '' } = entry.object.metadata
  const data =
    entry.kind === 'ConfigMap'
      ? entry.object.data
      : entry.kind === 'AtlasMigration'
        ? entry.object.spec.dir?.local
        : undefined
  if (!data || !Object.keys(data).some(isMigration)) return []
  return [{ name: `${entry.kind} ${name}`, data }]
}

function isMigration(name: string): boolean {
  return name.endsWith(fileSuffix)
}
