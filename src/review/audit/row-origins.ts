import type { Revision } from '../../atlas/engine/revision.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { directoryName } from '../../policy/facts/directory-name.js'
import { buildClusterView } from '../facts/cluster-view.js'
import { groupBy } from '../verdict/group-by.js'
import { readUsedDirectory, type TableSources, type UsedDirectory } from './table-groups.js'
import { withTimeLimit } from '../limits/time-limit.js'

/**
 * Finds the directories that rows come from. A row's hash covers its file and all files before it,
 * so it identifies the directory. Each directory of the cluster is read once, when rows are first
 * asked for, and only its hashes are kept.
 */
export class RowOrigins {
  readonly #sources: TableSources
  #byTrace: Promise<ReadonlyMap<string, readonly AtlasMigration[]>> | null = null

  constructor(sources: TableSources) {
    this.#sources = sources
  }

  /** One AtlasMigration for each directory that certainly wrote one of these rows. */
  async find(rows: readonly Revision[]): Promise<readonly AtlasMigration[]> {
    if (rows.length === 0) return []
    this.#byTrace ??= this.#read()
    const byTrace = await this.#byTrace
    return [...new Set(rows.flatMap(row => byTrace.get(traceOf(row)) ?? []))]
  }

  async #read(): Promise<ReadonlyMap<string, readonly AtlasMigration[]>> {
    const { cluster, turns } = this.#sources
    const byDirectory = groupBy(
      cluster.migrations().filter(migration => directoryName(migration) !== null),
      directoryName,
    )
    const traces = await Promise.all(
      [...byDirectory.values()].map(([migration]) =>
        turns.use(
          async () => null,
          () => this.#traces(migration as AtlasMigration),
        ),
      ),
    )
    const byTrace = groupBy(traces.flat(), ({ trace }) => trace)
    return new Map(
      Array.from(byTrace, ([trace, found]) => [trace, found.map(({ migration }) => migration)]),
    )
  }

  async #traces(migration: AtlasMigration) {
    const { cluster, limitMs, signal } = this.#sources
    const used = await withTimeLimit({ ms: limitMs, parent: signal }, deadline =>
      readUsedDirectory(migration, buildClusterView(cluster, deadline)),
    )
    return tracesOf(used).map(trace => ({ trace, migration }))
  }
}

function tracesOf(used: UsedDirectory): readonly string[] {
  if (used.kind !== 'read') return []
  const { files, sum } = used.directory
  const hashes = new Map(sum().lines.map(({ name, hash }) => [name, hash]))
  return files.flatMap(({ name, version }) => {
    const hash = hashes.get(name)
    return hash === undefined ? [] : [traceOf({ version, hash })]
  })
}

function traceOf({ version, hash }: Pick<Revision, 'version' | 'hash'>): string {
  return `${version} ${hash}`
}
