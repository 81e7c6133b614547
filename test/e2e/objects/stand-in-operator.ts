import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import type { AtlasMigrationSpec } from '../../../src/policy/facts/atlas-migration.js'
import { withClient } from '../../database/test-postgres.js'
import { dirState, migrate } from '../../engine/live/live-gate.js'
import type { ApiClient } from './api-calls.js'
import type { KubernetesObject, Texts } from './cluster-objects.js'

export interface Reconciled {
  readonly namespace: string
  readonly name: string
  /** Of its database. */
  readonly url: string
}

/**
 * What a successful reconcile leaves behind: pending files run in their order, each with its row, and the dir-state Secret.
 * Throws where the real operator would not be Ready, or not at its next reconcile: then the gate has let a mistake through.
 */
export async function reconcile(api: ApiClient, { namespace, name, url }: Reconciled) {
  const files = await readFiles(api, { namespace, name })
  await migrate(url, files, { versions: await findPending(url, files) })
  const secret = await dirState(name, files, namespace)
  const { error } = await api.apply(secret as unknown as KubernetesObject, {
    fieldManager: 'operator',
  })
  if (error) throw new Error(error.message)
}

async function readFiles(api: ApiClient, metadata: KubernetesObject['metadata']): Promise<Texts> {
  const migration = await api.read({ kind: 'AtlasMigration', metadata })
  const { dir } = (migration?.['spec'] ?? {}) as AtlasMigrationSpec
  if (dir?.local) return dir.local
  const name = dir?.configMapRef?.name ?? ''
  const configMap = await api.read({ kind: 'ConfigMap', metadata: { ...metadata, name } })
  return configMap?.['data'] as Texts
}

async function findPending(url: string, files: Texts): Promise<readonly string[]> {
  const applied = await readVersions(url)
  const versions = buildDirectory(files).files.map(({ version }) => version)
  const pending = versions.filter(version => !applied.includes(version))
  const isLate = pending.some(version => version < (applied.at(-1) ?? ''))
  if (!isLate && applied.every(version => versions.includes(version))) return pending
  throw new Error(`not Ready: the table has ${applied.join(' ')}, the files ${versions.join(' ')}`)
}

/** Versions with a row, in their order. */
export async function readVersions(url: string): Promise<readonly string[]> {
  return withClient(url, async client => {
    const table = 'atlas_schema_revisions.atlas_schema_revisions'
    const { rows: found } = await client.query(`SELECT to_regclass('${table}') AS name`)
    if ((found[0] as { readonly name: string | null }).name === null) return []
    const select = `SELECT version FROM ${table} ORDER BY version COLLATE "C"`
    const { rows } = await client.query(select)
    return (rows as { readonly version: string }[]).map(row => row.version)
  })
}
