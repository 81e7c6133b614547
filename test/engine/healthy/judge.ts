import { sumFileName } from '../../../src/atlas/directory/directory.js'
import type { MigrationFile } from '../../../src/atlas/directory/file.js'
import { computeSum, printSum } from '../../../src/atlas/directory/sum.js'
import { buildPostgresReader } from '../../../src/database/postgres-reader.js'
import { buildDeliveryCluster } from '../../../src/manifests/delivery-cluster.js'
import type { JudgedFinding } from '../../../src/policy/enforcement/enforcement.js'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { type DeliveredObject, reviewDelivery } from '../../../src/review/delivery.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'
import type { History } from './history.js'
import { withParameter } from './scratch.js'

/** A directory beside a database that stands somewhere along it. */
export interface Situation {
  readonly history: History
  /** URL of the database. */
  readonly url: string
  /** The files of the directory as it stood when the database ran its last one. */
  readonly stood: readonly MigrationFile[]
  /** The version of the last row; null when there is none. */
  readonly lastVersion: string | null
}

/** What was found, and what could not be decided. */
export interface Judgement {
  readonly findings: readonly JudgedFinding[]
  readonly undecided: readonly string[]
}

/**
 * Judges a directory as a delivery to a new cluster, and again as the change of a ConfigMap that
 * held what had run so far. A finding of both is given once.
 */
export async function judgeSituation(situation: Situation): Promise<Judgement> {
  const { history, stood, lastVersion } = situation
  const migration = migrationOf(situation)
  const configMap = configMapOf(history.data)
  const fresh = await deliver([], [configMap, migration])
  if (lastVersion === null) return fresh
  const running = withStatus(migration, lastVersion)
  const changed = await deliver([running, configMapOf(dataOf(stood))], [configMap])
  return {
    findings: [...fresh.findings, ...changed.findings.filter(found => !holds(fresh, found))],
    undecided: [...new Set([...fresh.undecided, ...changed.undecided])],
  }
}

function holds({ findings }: Judgement, { rule, action }: JudgedFinding): boolean {
  return findings.some(found => found.rule.id === rule.id && found.action === action)
}

const named = { namespace: 'shop', name: 'shop' }

function migrationOf({ history, url }: Situation): DeliveredObject & { kind: 'AtlasMigration' } {
  const { searchPath, baseline, execOrder } = history.options
  const spec = {
    url: searchPath === undefined ? url : withParameter(url, 'search_path', searchPath),
    dir: { configMapRef: { name: 'shop' } },
    ...(baseline === undefined ? {} : { baseline }),
    ...(execOrder === undefined ? {} : { execOrder }),
  }
  const object = {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: named,
    spec,
  }
  return { kind: 'AtlasMigration', object }
}

function withStatus(
  { kind, object }: DeliveredObject & { kind: 'AtlasMigration' },
  lastAppliedVersion: string,
): DeliveredObject {
  const migration: AtlasMigration = { ...object, status: { lastAppliedVersion } }
  return { kind, object: migration }
}

function configMapOf(data: History['data']): DeliveredObject {
  return { kind: 'ConfigMap', object: { metadata: named, data } }
}

function dataOf(files: readonly MigrationFile[]): History['data'] {
  const texts = Object.fromEntries(files.map(({ name, content }) => [name, content]))
  return { ...texts, [sumFileName]: printSum(computeSum(files)) }
}

/** Generous, because no API server waits. */
const limitMs = 60_000

async function deliver(
  present: readonly DeliveredObject[],
  delivered: readonly DeliveredObject[],
): Promise<Judgement> {
  const cluster = buildDeliveryCluster()
  for (const object of present) cluster.put(object)
  const reader = buildPostgresReader({
    limits: { ...defaultSettings.database, connectTimeoutMs: 20_000 },
  })
  const findings: JudgedFinding[] = []
  const undecided: string[] = []
  try {
    const writes = reviewDelivery(delivered, {
      cluster,
      reader,
      targets: new TargetIndex(),
      rules,
      settings: defaultSettings,
      now: () => new Date(),
      limitMs,
      signal: new AbortController().signal,
    })
    for await (const write of writes) {
      findings.push(...write.evaluations.flatMap(({ judged }) => judged))
      undecided.push(...write.undecided.map(({ reason }) => reason))
    }
  } finally {
    await reader.close()
  }
  return { findings, undecided }
}
