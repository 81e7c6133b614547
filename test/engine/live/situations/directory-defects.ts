import { configMap, migrate, migration } from '../live-gate.js'
import { execute } from '../../../database/test-postgres.js'
import { withSum, type Files } from '../../../policy/facts/facts-builder.js'
import {
  appPlace,
  create,
  directoryOf,
  fresh,
  pair,
  refusal,
  rewritten,
  third,
  type Expected,
  type Row,
} from './situation.js'

// What is wrong with a directory.

export const firstOfPair = withSum({ '20250101000000_a.sql': 'create table a (id int);\n' })
const late = { '20250101120000_late.sql': 'create table c (id int);\n' }

function withoutSum(data: Files): Files {
  return Object.fromEntries(Object.entries(data).filter(([name]) => name !== 'atlas.sum'))
}

/** The files of one directory under the atlas.sum of another. */
function underSumOf(files: Files, other: Files): Files {
  return { ...withoutSum(files), 'atlas.sum': other['atlas.sum']! }
}

const edited = { ...pair, '20250102000000_b.sql': 'create table b (id bigint);\n' }
const mismatch: Expected = {
  first: 'error-status',
  condition: 'first',
  denied: ['checksum-mismatch'],
  warned: [],
}
const mismatchUnrecorded: Expected = { ...mismatch, message: 'Error: checksum mismatch' }
const lateNothingNewer: Expected = {
  first: 'down',
  condition: 'first',
  denied: ['migrate-down-predicted'],
  warned: [],
}
const skippedForGood: Expected = {
  first: 'apply',
  next: 'down',
  condition: 'first',
  denied: ['file-never-runs'],
  warned: ['file-out-of-order'],
}
const emptyAndFresh: Expected = {
  first: 'ready',
  next: 'ready',
  condition: 'first',
  denied: [],
  warned: ['directory-empty'],
}

export const directoryDefects: readonly Row[] = [
  ['d1-checksum-mismatch', place => rewritten(place, underSumOf(edited, pair)), mismatch],
  [
    'd1b-edited-and-rehashed',
    place => rewritten(place, withSum(edited)),
    {
      first: 'ready',
      next: 'ready',
      condition: 'first',
      denied: ['applied-file-edited'],
      warned: [],
    },
  ],
  [
    'd2-sum-missing',
    place => fresh(place, withoutSum(pair)),
    { first: 'error-status', condition: 'first', denied: ['checksum-missing'], warned: [] },
  ],
  [
    'a local directory without atlas.sum',
    async ({ url }) => {
      const object = migration('app', { url, dir: { local: withoutSum(pair) } })
      return { objects: [], write: create(object) }
    },
    {
      first: 'error-status',
      condition: 'first',
      message: 'Error: checksum file not found',
      denied: ['checksum-missing'],
      warned: [],
    },
  ],
  [
    'd2b-sum-stale-file-added',
    place => fresh(place, underSumOf({ ...pair, ...third }, pair)),
    mismatch,
  ],
  [
    'd2c-sum-stale-file-removed',
    place => fresh(place, underSumOf(pair, withSum({ ...pair, ...third }))),
    mismatch,
  ],
  [
    'an atlas.sum that is garbage',
    ({ url }) => fresh(appPlace(url), { ...pair, 'atlas.sum': 'garbage\n' }),
    mismatchUnrecorded,
  ],
  [
    'files with CRLF under the atlas.sum of files without',
    ({ url }) => {
      const data = Object.entries(pair).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')])
      return fresh(appPlace(url), underSumOf(Object.fromEntries(data) as Files, pair))
    },
    mismatchUnrecorded,
  ],
  [
    'keys that are no migrations',
    ({ url }) => fresh(appPlace(url), { ...pair, 'README.md': '# Hello\n', 'x.sql.bak': 'x' }),
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'seed.sql, a file without a version',
    ({ url }) =>
      fresh(appPlace(url), withSum({ ...pair, 'seed.sql': 'insert into a values (1);\n' })),
    {
      first: 'apply',
      next: 'ready',
      condition: 'first',
      message: '',
      denied: [],
      warned: ['version-closes-directory'],
    },
  ],
  [
    'd2i-binarydata',
    async ({ object }) => {
      const binaryData = {
        '20250101000000_a.sql': Buffer.from('create table a (id int);').toString('base64'),
      }
      return { objects: [{ ...directoryOf(object, {}), binaryData }], write: create(object) }
    },
    { ...emptyAndFresh, warned: ['directory-empty', 'file-ignored'] },
  ],
  ['d6a-empty-fresh', place => fresh(place, {}), emptyAndFresh],
  [
    'only an atlas.sum on a fresh database',
    ({ url }) => fresh(appPlace(url), withSum({})),
    { ...emptyAndFresh, message: '' },
  ],
  [
    'd6b-emptied',
    place => rewritten(place, {}),
    {
      first: 'down',
      condition: 'first',
      denied: ['directory-empty', 'migrate-down-predicted'],
      warned: [],
    },
  ],
  [
    'd6c-emptied-down-allowed',
    place => rewritten(place, {}),
    {
      first: 'down',
      condition: 'first',
      downTarget: null,
      denied: ['directory-empty', 'migrate-down-unsafe'],
      warned: [],
    },
  ],
  ['d5o-linear', place => rewritten(place, withSum({ ...pair, ...late })), lateNothingNewer],
  ['d5o-linear-skip', place => rewritten(place, withSum({ ...pair, ...late })), lateNothingNewer],
  ['d5o-non-linear', place => rewritten(place, withSum({ ...pair, ...late })), lateNothingNewer],
  [
    'd5x-outoforder-migratedown-allowed',
    place => rewritten(place, withSum({ ...pair, ...late })),
    {
      first: 'down',
      condition: 'first',
      downTarget: null,
      denied: ['migrate-down-unsafe'],
      warned: [],
    },
  ],
  [
    'd5p-linear',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    { first: 'apply', condition: 'first', denied: ['file-out-of-order'], warned: [] },
  ],
  [
    'd5p-linear-skip',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    skippedForGood,
  ],
  [
    'd5p-linear-skip-second',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    { ...skippedForGood, condition: 'next' },
  ],
  [
    'd5p-non-linear',
    place => rewritten(place, withSum({ ...pair, ...late, ...third })),
    {
      first: 'apply',
      next: 'ready',
      condition: 'first',
      denied: [],
      warned: ['file-out-of-order'],
    },
  ],
  [
    'a file after seed.sql ran, which sorts behind every number',
    ({ url }) => {
      const before = withSum({ ...pair, 'seed.sql': 'insert into a values (1);\n' })
      return rewritten(appPlace(url), withSum({ ...before, ...third }), before)
    },
    { ...lateNothingNewer, message: refusal },
  ],
  [
    'd7-configmap-missing',
    async ({ object }) => ({ objects: [], write: create(object) }),
    { first: null, condition: 'text', denied: [], warned: ['configmap-not-found'] },
  ],
  [
    'd7c-configmap-deleted',
    async place => {
      const { objects, write } = await rewritten(place, pair)
      return { objects, write: { before: write.before, after: null } }
    },
    { first: null, condition: 'text', denied: [], warned: ['configmap-not-found'] },
  ],
  [
    'd8-both',
    place => fresh(place, pair),
    { first: null, condition: 'text', denied: ['multiple-directories'], warned: [] },
  ],
  [
    'd8c-no-dir',
    async ({ object }) => ({ objects: [], write: create(object) }),
    { first: null, condition: 'text', denied: ['directory-missing'], warned: [] },
  ],
  [
    'a remote directory without a token',
    async ({ url }) => {
      const object = migration('app', { url, dir: { remote: { name: 'app', tag: 'v1' } } })
      return { objects: [], write: create(object) }
    },
    {
      first: null,
      condition: 'text',
      message: 'cannot use remote directory without Atlas Cloud token',
      denied: ['config-incomplete'],
      warned: [],
    },
  ],
  [
    'no url',
    async () => {
      const object = migration('app', { dir: { configMapRef: { name: 'app' } } })
      return { objects: [configMap('app', pair)], write: create(object) }
    },
    {
      first: null,
      condition: 'text',
      message: 'no target database defined',
      denied: ['target-missing'],
      warned: [],
    },
  ],
  [
    'd9a-baseline',
    async place => {
      await execute(place.url, 'create table a (id int)')
      return fresh(place, pair)
    },
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'd9b-baseline-unknown',
    async place => {
      await execute(place.url, 'create table a (id int)')
      return fresh(place, pair)
    },
    { first: 'apply', condition: 'first', denied: ['baseline-unknown'], warned: [] },
  ],
  [
    'a baseline where rows exist is ignored',
    async ({ url }) => {
      await migrate(url, pair)
      const dir = { configMapRef: { name: 'app' } }
      const object = migration('app', { url, baseline: '20250101000000', dir })
      return fresh({ url, object }, pair)
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a baseline at the last file',
    async ({ url }) => {
      await execute(url, 'create table a (id int)', 'create table b (id int)')
      const dir = { configMapRef: { name: 'app' } }
      const object = migration('app', { url, baseline: '20250102000000', dir })
      return fresh({ url, object }, pair)
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]
