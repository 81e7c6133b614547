import t from 'tap'
import { tellingAudit } from '../../src/gate/telling-audit.js'
import type { AtlasMigration } from '../../src/policy/facts/atlas-migration.js'
import type { AdmissionRequest } from '../../src/review/ports/admission.js'
import { fakeCluster, migration, request, unhurriedDeadline } from '../review/fakes.js'

void t.test('the audit hears of what was admitted, and of nothing else', async t => {
  type Case = [
    name: string,
    request: AdmissionRequest,
    allowed: boolean,
    touched: readonly string[],
  ]
  const object = { metadata: { name: 'x' } }
  const ofConfigMap = migration('of-config-map', { dir: { configMapRef: { name: 'x' } } })
  const ofSecret = migration('of-secret', { urlFrom: { secretKeyRef: { name: 'x', key: 'url' } } })
  const asked = (kind: 'ConfigMap' | 'Secret' | 'AtlasMigration', dryRun = false) => ({
    ...request({ kind, object, dryRun }),
    name: 'x',
  })
  const { name: _, ...unnamed } = asked('ConfigMap')
  const { namespace: __, ...unlocated } = unnamed
  const cases: Case[] = [
    ['a ConfigMap', asked('ConfigMap'), true, ['of-config-map']],
    ['a Secret', asked('Secret'), true, ['of-secret']],
    ['an AtlasMigration, which is watched', asked('AtlasMigration'), true, []],
    ['a dry run', asked('ConfigMap', true), true, []],
    ['a denial', asked('ConfigMap'), false, []],
    ['no name', unlocated, true, []],
  ]
  for (const [name, asked, allowed, expected] of cases) {
    const touched: (string | undefined)[] = []
    const touch = (migrations: readonly AtlasMigration[]) =>
      void touched.push(...migrations.map(({ metadata }) => metadata.name))
    const answer = {
      verdict: 'pass',
      allowed,
      warnings: [],
      auditAnnotations: {},
      findings: [],
    } as const
    const reviewer = { review: () => Promise.resolve(answer) }
    const cluster = fakeCluster({ migrations: [ofConfigMap, ofSecret] })
    const telling = tellingAudit(reviewer, { cluster, audit: () => ({ touch }) })
    t.equal(await telling.review(asked, unhurriedDeadline()), answer, name)
    t.strictSame(touched, expected, name)
    // Before it is started, or where there is none.
    await tellingAudit(reviewer, { cluster, audit: () => null }).review(asked, unhurriedDeadline())
  }
})
