import t from 'tap'
import { type Lifetime, lifetimeOf } from '../../../src/policy/facts/object-lifetime.js'
import type { ObjectMetadata } from '../../../src/policy/facts/atlas-migration.js'
import { objectDeletesItself } from '../../../src/policy/rules/object-deletes-itself.js'
import { contentFacts, readDirectory } from './object-facts.js'

type Texts = Readonly<Record<string, string>>
type Expected = readonly [Lifetime['tool'], Lifetime['end']] | null

const helm = (hook: string, policy?: string): Texts => ({
  'helm.sh/hook': hook,
  ...(policy !== undefined && { 'helm.sh/hook-delete-policy': policy }),
})
const argo = (hook: string, policy?: string): Texts => ({
  'argocd.argoproj.io/hook': hook,
  ...(policy !== undefined && { 'argocd.argoproj.io/hook-delete-policy': policy }),
})
const tracked = { 'argocd.argoproj.io/tracking-id': 'shop:/ConfigMap:shop/migrations' }

const cases: readonly (readonly [name: string, annotations: Texts, expected: Expected])[] = [
  ['no annotation', {}, null],
  ['others', { 'helm.sh/resource-policy': 'keep', 'argocd.argoproj.io/sync-wave': '-1' }, null],
  ['deleted at once', helm('pre-install,pre-upgrade', 'hook-succeeded'), ['Helm', 'at-once']],
  [
    'also where it is a hook of the installation',
    helm('pre-install', 'hook-succeeded'),
    ['Helm', 'at-once'],
  ],
  [
    'the worst of two',
    helm('pre-upgrade', 'before-hook-creation, hook-succeeded'),
    ['Helm', 'at-once'],
  ],
  ['the default', helm('pre-install, pre-upgrade'), ['Helm', 'anew']],
  ['said', helm('post-upgrade', 'before-hook-creation'), ['Helm', 'anew']],
  ['of the installation alone: it stays', helm('pre-install'), null],
  [
    'but Argo CD runs it at every sync',
    { ...helm('pre-install'), ...tracked },
    ['Argo CD', 'anew'],
  ],
  [
    'and waits for it',
    { ...helm('pre-install', 'hook-succeeded'), ...tracked },
    ['Argo CD', 'when-ready'],
  ],
  ['nothing but a Job fails in Helm', helm('pre-upgrade', 'hook-failed'), null],
  ['an unknown policy', helm('pre-upgrade', 'never'), null],
  ['a test', helm('test', 'hook-succeeded'), null],
  ['a hook of the deletion', helm('pre-delete', 'hook-succeeded'), null],
  ['Argo CD', argo('PreSync', 'HookSucceeded'), ['Argo CD', 'when-ready']],
  ['its default', argo('PreSync'), ['Argo CD', 'anew']],
  ['said there, too', argo('Sync', 'BeforeHookCreation'), ['Argo CD', 'anew']],
  ['on failure', argo('PreSync', 'HookFailed'), ['Argo CD', 'when-failed']],
  ['both', argo('PreSync,PostSync', 'HookFailed, HookSucceeded'), ['Argo CD', 'when-ready']],
  ['not applied at all', argo('Skip'), null],
  ['after the deletion', argo('PostDelete', 'HookSucceeded'), null],
  ['a policy without a hook', { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' }, null],
  [
    'replaced by force',
    { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' },
    ['Argo CD', 'anew'],
  ],
  ['replaced, but not by force', { 'argocd.argoproj.io/sync-options': 'Replace=true' }, null],
  ['a time to live', { 'janitor/ttl': '7d' }, ['kube-janitor', 'in-time']],
]

void t.test('what ends the life of an object', async t => {
  for (const [name, annotations, expected] of cases) {
    const lifetime = lifetimeOf({ annotations })
    t.strictSame(lifetime && [lifetime.tool, lifetime.end], expected, name)
  }
  const labels = { 'cleanup.kyverno.io/ttl': '2m' }
  t.match(lifetimeOf({ labels }), { tool: 'Kyverno', said: 'cleanup.kyverno.io/ttl: 2m' })
  t.equal(
    lifetimeOf({ annotations: helm('pre-upgrade', 'hook-succeeded,'.repeat(50)) })?.said.length,
    88,
  )
})

const facts = (migration: ObjectMetadata, configMap: Texts = {}) => {
  const lifetime = lifetimeOf({ annotations: configMap })
  const plain = contentFacts({ '1.sql': 'SELECT 1;\n' })
  return contentFacts(
    { '1.sql': 'SELECT 1;\n' },
    {
      migration: { ...plain.migration, metadata: { name: 'shop', ...migration } },
      directory: { ...readDirectory({ '1.sql': 'SELECT 1;\n' }), ...(lifetime && { lifetime }) },
    },
  )
}

void t.test('the ConfigMap', async t => {
  t.match(objectDeletesItself.evaluate(facts({}, helm('pre-upgrade', 'hook-succeeded'))), {
    found:
      'Helm deletes ConfigMap files as soon as it is applied: the next reconcile finds no files',
    field: 'spec.dir.configMapRef',
    details: ['It says helm.sh/hook-delete-policy: hook-succeeded', /--take-ownership/],
  })
  t.match(objectDeletesItself.evaluate(facts({}, argo('PreSync'))), {
    found: /before it applies it again: a reconcile in between finds no files/,
    remedy: /sync-wave/,
  })
  t.equal(objectDeletesItself.evaluate(facts({}, argo('PreSync', 'HookFailed'))), null)
  t.equal(objectDeletesItself.evaluate(facts({})), null)
})

void t.test('the AtlasMigration', async t => {
  const annotations = argo('PreSync', 'HookSucceeded')
  t.match(objectDeletesItself.evaluate(facts({ annotations })), {
    found:
      'Argo CD deletes the AtlasMigration as soon as it is healthy: status and dir-state go with it',
    field: 'metadata.annotations',
    subjects: ['AtlasMigration when-ready'],
  })
  t.match(objectDeletesItself.evaluate(facts({ annotations }, argo('PreSync'))), {
    subjects: ['ConfigMap anew', 'AtlasMigration when-ready'],
    details: [/^Also: Argo CD deletes the AtlasMigration/, /./, /./],
  })
})
