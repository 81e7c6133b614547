import { test } from 'tap'
import type { Facts, MissingReference } from '../../../src/policy/facts/facts.js'
import { configmapNotFound } from '../../../src/policy/rules/configmap-not-found.js'
import { connectionPooler } from '../../../src/policy/rules/connection-pooler.js'
import { secretNotFound } from '../../../src/policy/rules/secret-not-found.js'
import { check, resolved, specFacts } from './object-facts.js'
import type { Said } from './object-facts.js'

type DirectoryCase = [title: string, directory: Facts['directory'], expected: Said]

const missingConfigMap = (name: string, similar: readonly string[]): Facts['directory'] => ({
  kind: 'configmap-missing',
  name,
  similar,
})

const configMapCases: readonly DirectoryCase[] = [
  ['not there', missingConfigMap('files', []), ['warn', 'ConfigMap "files" not found yet']],
  [
    'there under the name kustomize gave it',
    missingConfigMap('files', ['files-4t8hg9m2k5']),
    ['warn', 'ConfigMap "files" not found, but files-4t8hg9m2k5 is (kustomize)'],
  ],
  ['a reference without name: another rule says it', missingConfigMap('', []), null],
  ['not readable here', { kind: 'unreadable', name: 'files', reason: 'forbidden' }, null],
  ['no directory', { kind: 'none' }, null],
]

void test(`${configmapNotFound.id}: ${configmapNotFound.title}`, async t => {
  for (const [title, directory, expected] of configMapCases) {
    check(t, [configmapNotFound, specFacts({}, { directory })], [title, expected])
  }
  const directory = missingConfigMap('files', ['files-4t8hg9m2k5'])
  const finding = configmapNotFound.evaluate(specFacts({}, { directory }))
  t.match(finding?.details, [/nameReference: .* spec\/dir\/configMapRef\/name/])
})

const reference = (changes: Partial<MissingReference>): MissingReference => ({
  path: 'spec.urlFrom.secretKeyRef',
  secret: 'db',
  key: 'url',
  reason: 'secret-not-found',
  unwatched: false,
  ...changes,
})

type SecretCase = [title: string, missing: readonly MissingReference[], expected: Said]

const userFrom = { path: 'spec.credentials.userFrom.secretKeyRef', unwatched: true }
const configMapVar = { path: 'spec.vars[0].valueFrom.configMapKeyRef', unwatched: true }

const secretCases: readonly SecretCase[] = [
  ['a Secret', [reference({})], ['warn', 'Secret db does not exist (spec.urlFrom.secretKeyRef)']],
  ['a key', [reference({ reason: 'key-not-found' })], ['warn', 'Secret db has no key url']],
  [
    'a Secret that the operator does not watch',
    [reference(userFrom)],
    ['warn', 'the operator does not watch it'],
  ],
  ['a ConfigMap of a variable', [reference(configMapVar)], ['warn', 'ConfigMap db does not exist']],
  ['several', [reference({}), reference(userFrom)], ['warn', 'and 1 more']],
  ['not readable here', [reference({ reason: 'unreadable' })], ['audit', 'could not be read here']],
  [
    'one not readable, one not there',
    [reference({ reason: 'unreadable' }), reference({ secret: 'other' })],
    ['warn', 'Secret other does not exist'],
  ],
  ['all there', [], null],
]

void test(`${secretNotFound.id}: ${secretNotFound.title}`, async t => {
  for (const [title, missing, expected] of secretCases) {
    check(t, [secretNotFound, specFacts({}, { missing })], [title, expected])
  }
})

void test('secret-not-found speaks more strongly where nothing wakes the operator', async t => {
  const remedy = (missing: MissingReference): string | undefined =>
    secretNotFound.evaluate(specFacts({}, { missing: [missing] }))?.remedy
  t.equal(remedy(reference({})), 'create it, or correct the reference')
  t.equal(remedy(reference(userFrom)), 'create it first: a later creation wakes nobody')
  t.notMatch(remedy(reference({ ...userFrom, reason: 'unreadable' })), 'wakes')
})

void test('secret-not-found lists the other references', async t => {
  const missing = [reference({}), reference(userFrom)]
  const finding = secretNotFound.evaluate(specFacts({}, { missing }))
  t.strictSame(finding?.details, [
    'Secret db does not exist (spec.credentials.userFrom.secretKeyRef)',
  ])
  t.equal(finding?.subjects.length, 2)
})

type PoolerCase = [title: string, target: Facts['target'], expected: Said]

const poolerCases: readonly PoolerCase[] = [
  ["PgBouncer's port", resolved({ port: 6432 }), ['warn', 'by its port 6432']],
  ["Supabase's transaction mode", resolved({ port: 6543 }), ['warn', 'by its port 6543']],
  [
    'a Service named pgbouncer',
    resolved({ host: 'PgBouncer.db.svc' }),
    ['warn', 'by its host name'],
  ],
  ['a CloudNativePG pooler', resolved({ host: 'main-pooler-rw.db' }), ['warn', 'by its host name']],
  ['both', resolved({ host: 'pooler', port: 6432 }), ['warn', 'by its host name']],
  ['a plain database', resolved(), null],
  ['MySQL on that port', resolved({ dialect: 'mysql', port: 6432 }), null],
  ['no target', { kind: 'none' }, null],
]

void test(`${connectionPooler.id}: ${connectionPooler.title}`, async t => {
  for (const [title, target, expected] of poolerCases) {
    check(t, [connectionPooler, specFacts({}, { target })], [title, expected])
  }
})
