import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { EmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js'
import { buildPostgresReader } from '../../../src/database/postgres-reader.js'
import { printConfigMap } from '../../../src/manifests/write/configmap-manifest.js'
import { openManifests } from '../../../src/manifests/manifests-cluster.js'
import { parseManifest } from '../../../src/manifests/text/parse-manifest.js'
import type { ConfigMap } from '../../../src/policy/facts/atlas-migration.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { auditMigration } from '../../../src/review/audit/audit-migration.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'

export type Files = Readonly<Record<string, string>>

/** What the real engine was asked and what it said; see test/fixtures/consolidation-story/README.md. */
export interface EngineAnswer {
  readonly name: string
  readonly input: {
    /** With atlas.sum. */
    readonly files: Files
    readonly revisions: readonly { readonly version: string; readonly hash: string }[]
  }
  readonly expected: {
    readonly validateError: unknown
    readonly operatorAction: string
    readonly pending: readonly string[]
  }
}

const answers = JSON.parse(
  readFileSync('test/fixtures/consolidation-story/engine.json', 'utf8'),
) as readonly EngineAnswer[]

export function engineAnswer(name: string): EngineAnswer {
  return answers.find(answer => answer.name === name) as EngineAnswer
}

export function configMapManifest(name: string, data: Files): string {
  return printConfigMap({ namespace: 'shop', name, labels: {}, annotations: {}, data })
}

/** The files of the ConfigMap that a consolidation wrote. */
export function writtenFiles(folder: string): Files {
  const { objects } = parseManifest(readFileSync(join(folder, 'configmap.yaml'), 'utf8'))
  const { data } = objects[0]!.object as ConfigMap
  return { ...data }
}

export interface MigrationManifest {
  readonly name: string
  readonly configMap: string
  /** Name of a Secret. */
  readonly secret: string
}

export function migrationManifest({ name, configMap, secret }: MigrationManifest): string {
  return `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata:
  name: ${name}
  namespace: shop
spec:
  # Where the database is.
  urlFrom:
    secretKeyRef:
      name: ${secret}
      key: url
  dir:
    configMapRef:
      name: ${configMap}
`
}

export function secretManifest(name: string, url: string): string {
  return `apiVersion: v1
kind: Secret
metadata:
  name: ${name}
  namespace: shop
stringData:
  url: ${url}
`
}

/** What is wrong with each AtlasMigration of a folder, as the background audit would say: the rules that fail. */
export async function judge(t: Test, folder: string): Promise<Readonly<Record<string, string[]>>> {
  const cluster = await openManifests(folder)
  const reader = buildPostgresReader({ limits: defaultSettings.database })
  const signal = new AbortController().signal
  const judged: Record<string, string[]> = {}
  for (const migration of cluster.migrations()) {
    const result = await auditMigration(
      migration,
      {
        cluster,
        reader,
        targets: new TargetIndex(),
        rules,
        settings: defaultSettings,
        now: () => new Date(),
      },
      { at: Date.now() + 60_000, signal },
    )
    t.strictSame(result.undecided, [])
    const { name } = result.object
    judged[name] = result.judged
      .filter(({ action }) => action === 'deny')
      .map(({ rule }) => rule.id)
  }
  cluster.close()
  await reader.close()
  return judged
}

/** Output without what differs from run to run: port, folder. */
export function normalize(text: string, folder: string, server: EmbeddedPostgres): string {
  return text.replaceAll(`${server.port}`, 'PORT').replaceAll(`${folder}/`, '')
}
