import { dirState, migrate, readRecordedCase } from '../live-gate.js'
import { execute } from '../../../database/test-postgres.js'
import { checkpoint, withSum, type Files } from '../../../policy/facts/facts-builder.js'
import {
  type Place,
  type Scene,
  type Row,
  refusal,
  create,
  directoryOf,
  appPlace,
} from './situation.js'

// A database that was moved, with its revisions or without.

const app = withSum({
  '20250101000000_users.sql': 'create table users (id int primary key);\n',
  '20250102000000_orders.sql': 'create table orders (id int primary key);\n',
  '20250103000000_items.sql': 'create table items (id int primary key);\n',
  '20250104000000_prices.sql': 'create table prices (id int primary key);\n',
})
const fifth = { '20250105000000_new.sql': 'create table fresh (id int primary key);\n' }

/** The files whose version ends in these days. */
function days(...numbers: readonly number[]): Files {
  const names = Object.keys(app).filter(name => numbers.some(n => name.startsWith(`2025010${n}`)))
  return withSum(Object.fromEntries(names.map(name => [name, app[name]!])))
}

/** A copy of a database in which all four ran, with its revisions, for a new AtlasMigration. */
async function moved({ url, object }: Place, data: Files): Promise<Scene> {
  await migrate(url, app)
  return { objects: [directoryOf(object, data)], write: create(object) }
}
/** The same for an AtlasMigration that was there, in the state of another recorded case. */
async function movedUpdate(place: Place, before: string): Promise<Scene> {
  const scene = await moved(place, days(1, 2))
  const { object } = await readRecordedCase(before, place.url)
  return { objects: [...scene.objects, object], write: { before: object, after: place.object } }
}

const squashed = checkpoint('20250105000000_checkpoint')
const afterSquash = { '20250106000000_more.sql': 'create table more (id int);\n' }

export const movedDatabase: readonly Row[] = [
  [
    'c-down-not-allowed',
    place => moved(place, days(1, 2)),
    { first: 'down', condition: 'first', denied: ['migrate-down-predicted'], warned: [] },
  ],
  [
    'c-allow-without-autoapprove',
    place => movedUpdate(place, 'c-down-not-allowed'),
    {
      first: 'down',
      condition: 'text',
      denied: ['down-flow-invalid'],
      warned: ['migrate-down-predicted'],
    },
  ],
  [
    'c-no-dir-state',
    place => movedUpdate(place, 'c-allow-without-autoapprove'),
    { first: 'down', condition: 'text', denied: ['migrate-down-unsafe'], warned: [] },
  ],
  [
    'c10-recreated-same-name',
    place => moved(place, days(1, 2)),
    { first: 'down', condition: 'text', denied: ['migrate-down-unsafe'], warned: [] },
  ],
  [
    'c-with-dir-state-community',
    async ({ url, object }, gate) => {
      const old = await gate.createDatabase()
      await migrate(old, app)
      await migrate(url, app)
      const before = { ...object, spec: { ...object.spec, url: old } }
      const stored = await dirState('app', app, 'c')
      const objects = [directoryOf(object, days(1, 2)), stored, before]
      return { objects, write: { before, after: object } }
    },
    {
      first: 'down',
      condition: 'none',
      downTarget: '20250102000000',
      denied: ['migrate-down-unsafe'],
      warned: [],
    },
  ],
  [
    'c-gap-after-second-reconcile',
    place => moved(place, withSum({ ...days(1, 2, 4), ...fifth })),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      denied: ['applied-file-missing'],
      warned: [],
    },
  ],
  [
    'c-removed-middle',
    place => moved(place, days(1, 2, 4)),
    { first: 'down', condition: 'first', denied: ['migrate-down-predicted'], warned: [] },
  ],
  [
    'a directory with one brand-new file only',
    ({ url }) => moved(appPlace(url), withSum(fifth)),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      message: refusal,
      denied: ['applied-file-missing'],
      warned: [],
    },
  ],
  [
    'c-moved-without-revisions',
    async ({ url, object }) => {
      for (const [name, content] of Object.entries(app))
        if (name.endsWith('.sql')) await execute(url, content)
      return { objects: [directoryOf(object, app)], write: create(object) }
    },
    { first: 'apply', condition: 'first', denied: ['baseline-required'], warned: [] },
  ],
  [
    'a squash to a checkpoint, the old files removed, on a database that ran them',
    ({ url }) => moved(appPlace(url), withSum({ ...squashed, ...afterSquash })),
    {
      first: 'apply',
      next: 'down',
      condition: 'next',
      message: refusal,
      denied: ['applied-file-missing'],
      warned: [],
    },
  ],
  [
    'the same squash on a fresh database',
    async ({ url }) => {
      const { object } = appPlace(url)
      const data = withSum({ ...squashed, ...afterSquash })
      return { objects: [directoryOf(object, data)], write: create(object) }
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a checkpoint beside the old files, on a database that ran them',
    ({ url }) => moved(appPlace(url), withSum({ ...app, ...squashed, ...afterSquash })),
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]
