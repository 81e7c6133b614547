import assert from 'node:assert/strict'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { buildDeliveryCluster } from '../../../src/manifests/delivery-cluster.js'
import { parseLocatedManifest } from '../../../src/manifests/text/parse-manifest.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { type FoundObject, objectKey } from '../../../src/policy/facts/catalog-objects.js'
import type { JudgedFinding } from '../../../src/policy/enforcement/enforcement.js'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import type { ExampleTable, RuleExample } from '../../../src/policy/pages/rule-page.js'
import { reviewDelivery } from '../../../src/review/delivery.js'
import type { RevisionsReader, TableQuery } from '../../../src/review/ports/ports.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'
import { configMap, dirState, secret } from '../../engine/live/live-gate.js'
import {
  files,
  inVersionOrder,
  rowsOf,
  schemaName,
  withSum,
  type Files,
} from '../facts/facts-builder.js'

/** What the webhook makes of the last object of an example: every finding, with what it leads to. */
export async function judgeExample(example: RuleExample): Promise<readonly JudgedFinding[]> {
  const { objects, problems } = parseLocatedManifest(example.manifests, 'shop')
  assert.deepEqual(problems, [], 'the example can be read')
  const dependencies = {
    cluster: await clusterOf(example),
    reader: readerOf(example),
    targets: new TargetIndex(),
    rules,
    settings: defaultSettings,
    now: () => new Date(),
    limitMs: 10_000,
    signal: new AbortController().signal,
  }
  let judged: readonly JudgedFinding[] = []
  for await (const write of reviewDelivery(objects, dependencies))
    judged = write.evaluations.flatMap(evaluation => evaluation.judged)
  return judged
}

async function clusterOf({
  directories = {},
  edited = [],
  texts = {},
  dirState: stored,
}: RuleExample) {
  const cluster = buildDeliveryCluster()
  for (const [name, host] of [
    ['shop-database', 'db'],
    ['shop-database-new', 'db-new'],
  ] as const) {
    const object = secret(name, { url: `postgres://shop@${host}:5432/shop`, password: 'a' })
    cluster.put({ kind: 'Secret', object })
  }
  cluster.put({ kind: 'Secret', object: secret('atlas-cloud', { token: 'a' }) })
  if (stored) cluster.put({ kind: 'Secret', object: await dirState('shop', withSum(ran(stored))) })
  for (const [name, fileNames] of Object.entries(directories)) {
    const data = withSum(exchange(change(ran(fileNames), edited), texts))
    cluster.put({ kind: 'ConfigMap', object: configMap(name, data) })
  }
  return cluster
}

function ran(fileNames: readonly string[]): Files {
  return files(...fileNames.map(name => name.replace(/\.sql$/, '')))
}

function change(data: Files, edited: readonly string[]): Files {
  const texts = Object.entries(data).map(([name, text]) => [
    name,
    edited.includes(name) ? text.replace('id int', 'id bigint') : text,
  ])
  return Object.fromEntries(texts) as Files
}

function exchange(data: Files, texts: Readonly<Record<string, string>>): Files {
  const changed = Object.entries(texts).map(([name, source]) => [name, ran([source])[source]])
  return { ...data, ...(Object.fromEntries(changed) as Files) }
}

function readerOf({ table = { ran: null }, formerTable = table }: RuleExample): RevisionsReader {
  const hostOf = (url: TableQuery['url']) => new URL(url.reveal()).hostname
  const identityOf = (url: TableQuery['url']) => ({
    system: hostOf(url),
    database: '16384',
    identifier: null,
  })
  return {
    async readTable({ url, revisionsSchema }) {
      const isFormer = hostOf(url) !== 'db-new' && revisionsSchema === schemaName
      return tableFacts(isFormer ? formerTable : table, identityOf(url))
    },
    async readObjects({ url, objects }) {
      const { holds = [] } = hostOf(url) === 'db-new' ? table : formerTable
      return new Map(objects.map(object => [objectKey(object), objectIn(holds, object.name)]))
    },
    /* c8 ignore next - asked only when one database may go by several names; no example needs it */
    readIdentity: async url => identityOf(url),
  }
}

/** An object of the schema `public`, of which the role may do everything. */
function objectIn(holds: readonly string[], name: string): FoundObject {
  const rights = { owner: 'shop', owned: true, mayDrop: true, mayCreate: true }
  return { exists: holds.includes(name), schema: 'public', table: name, ...rights }
}

type Identity = Extract<TableFacts, { kind: 'read' }>['identity']

function tableFacts(table: ExampleTable, identity: Identity): TableFacts {
  const { failure, access, content, notClean = null, elsewhere = [], locked = false } = table
  if (failure) {
    const { kind, ...rest } = failure
    return { kind: 'failed', failure: kind, ...rest }
  }
  return {
    kind: 'read',
    identity,
    revisions: table.ran && revisionsOf(table.ran, table),
    notClean,
    ambiguous: false,
    elsewhere,
    locked,
    ...(access && { access }),
    ...(content && {
      content: {
        schemas: Object.entries(content).map(([name, tables]) => ({ name, tables })),
        isWhole: true,
      },
    }),
  }
}

function revisionsOf(
  lists: readonly (readonly string[])[],
  { partial, order }: ExampleTable,
): readonly Revision[] {
  // As in life: the directories took turns.
  const rows = inVersionOrder(...lists.map(list => rowsOf(ran(list)))).map((row, index) => ({
    ...row,
    executedAt: new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString(),
  }))
  const sorted = order
    ? order.flatMap(version => rows.filter(row => row.version === version))
    : rows
  const last = sorted.at(-1)
  if (!partial || !last) return sorted
  return [...sorted.slice(0, -1), { ...last, ...partial, partialHashes: ['h1:first'] }]
}
