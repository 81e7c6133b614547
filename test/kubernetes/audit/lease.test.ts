import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ApiClient } from '../../../src/kubernetes/api/api-client.js'
import {
  buildKubernetesAudit,
  type KubernetesAudit,
} from '../../../src/kubernetes/audit/audit-ports.js'
import { readKubeconfig } from '../../../src/kubernetes/api/kubeconfig.js'
import type { Term } from '../../../src/review/audit/audit-ports.js'
import { FakeStore } from '../certificates/fake-store.js'
import { until } from '../../until.js'
import { simulateElection } from './lease-simulation.js'

const usual = { processes: 3, troubleMs: 300_000, leaseMs: 15_000, termMs: 10_000 }

void t.test('no two processes ever hold the Lease, and in the end one does', async t => {
  let terms = 0
  for (let seed = 0; seed < 40; seed++) {
    const result = await simulateElection({ ...usual, processes: 2 + (seed % 3), seed })
    terms += result.terms
    if (result.mostHolders > 1) t.fail(`two held it at the same time, with seed ${seed}`)
    if (result.holdersAtTheEnd !== 1) t.fail(`nobody holds it in the end, with seed ${seed}`)
  }
  // Else nothing would have been contested.
  t.ok(terms > 200, `${terms} terms`)
})

void t.test(
  'the simulation does find two holders when one counts on the Lease too long',
  async t => {
    let worst = 0
    for (let seed = 0; seed < 40 && worst < 2; seed++)
      worst = Math.max(
        worst,
        (await simulateElection({ ...usual, termMs: 25_000, seed })).mostHolders,
      )
    t.ok(worst > 1)
  },
)

const path = '/apis/coordination.k8s.io/v1/namespaces/gate/leases/atlas-admission-audit'
/** Long enough that a busy machine still renews in time. */
const timing = { leaseMs: 3000, termMs: 1200, retryMs: 40 }

async function startStore(t: Test): Promise<FakeStore> {
  const store = new FakeStore()
  await store.listen()
  t.teardown(() => store.close())
  return store
}

interface Candidate {
  readonly terms: Term[]
  readonly problems: string[]
  readonly audit: KubernetesAudit
  /** Resolves when leadership is given back. */
  stop(): Promise<void>
}

function startCandidate(t: Test, store: FakeStore, namespace?: string): Candidate {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-admission-lease-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config')
  writeFileSync(file, store.kubeconfig(namespace))
  const config = readKubeconfig({ kind: 'kubeconfig', file })
  t.teardown(() => config.close())
  const problems: string[] = []
  const terms: Term[] = []
  const audit = buildKubernetesAudit(
    { client: new ApiClient(config), config },
    { timing, onLeaseProblem: reason => void problems.push(reason) },
  )
  const stopping = new AbortController()
  const lead = (term: Term) => {
    terms.push(term)
    return new Promise<void>(resolve =>
      term.signal.addEventListener('abort', () => setTimeout(resolve, 20)),
    )
  }
  const done = audit.leadership.run(lead, stopping.signal)
  const stop = () => {
    stopping.abort()
    return done
  }
  t.teardown(stop)
  return { terms, problems, audit, stop }
}

const specOf = (store: FakeStore) =>
  (store.objects.get(path) as { readonly spec: Readonly<Record<string, unknown>> } | undefined)
    ?.spec

void t.test('a Lease is taken, kept, given back, and taken by the next at once', async t => {
  const store = await startStore(t)
  const first = startCandidate(t, store, 'gate')
  await until('a term', () => first.terms.length === 1)
  const acquired = specOf(store)
  t.match(acquired, {
    holderIdentity: /_[0-9a-f-]{36}$/,
    leaseDurationSeconds: 3,
    acquireTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
    leaseTransitions: 0,
  })
  const second = startCandidate(t, store, 'gate')
  // Longer than the Lease lasts: without a renewal the second one would have it by now.
  const heldFor = () =>
    Date.parse(String(specOf(store)?.['renewTime'])) - Date.parse(String(acquired?.['acquireTime']))
  await until('renewals beyond the duration', () => heldFor() > timing.leaseMs * 1.2)
  t.equal(second.terms.length, 0)
  t.ok(first.terms[0]?.holds())
  t.equal(specOf(store)?.['acquireTime'], acquired?.['acquireTime'])
  t.not(specOf(store)?.['renewTime'], acquired?.['renewTime'])

  await first.stop()
  t.notOk(first.terms[0]?.holds())
  const released = Date.now()
  await until('the next term', () => second.terms.length === 1)
  t.ok(Date.now() - released < timing.leaseMs)
  t.equal(specOf(store)?.['leaseTransitions'], 1)
  await second.stop()
  t.match(specOf(store), { holderIdentity: '', leaseDurationSeconds: 1 })
  t.strictSame([...first.problems, ...second.problems], [])
})

void t.test('a Lease that cannot be renewed is given up in time', async t => {
  const store = await startStore(t)
  const first = startCandidate(t, store, 'gate')
  await until('a term', () => first.terms.length === 1)
  const before = store.requests.length
  store.fault = () => 'hang'
  const [term] = first.terms
  const started = Date.now()
  await until('the end of the term', () => term?.signal.aborted)
  t.ok(Date.now() - started < timing.leaseMs)
  t.notOk(term?.holds())
  store.fault = () => undefined
  t.ok(store.requests.length > before)
})

void t.test('a term that has run out is over, even when the Lease is still ours', async t => {
  const store = await startStore(t)
  const first = startCandidate(t, store, 'gate')
  await until('a term', () => first.terms.length === 1)
  store.fault = () => 503
  await until('the end of the term', () => first.terms[0]?.signal.aborted)
  await until('the problem', () => first.problems.length > 0)
  store.fault = () => undefined
  await until('another term', () => first.terms.length === 2)
  t.ok(first.terms[1]?.holds())
  t.strictSame(first.problems, ['the API server answered 503'])
  t.equal(specOf(store)?.['leaseTransitions'], 0)
})

void t.test('a Lease that another one has taken is lost at once', async t => {
  const store = await startStore(t)
  const first = startCandidate(t, store, 'gate')
  await until('a term', () => first.terms.length === 1)
  const metadata = { name: 'atlas-admission-audit', namespace: 'gate', resourceVersion: 'other' }
  store.objects.set(path, { metadata, spec: { holderIdentity: 'someone', leaseTransitions: 7 } })
  await until('the end of the term', () => first.terms[0]?.signal.aborted)
  // Without a duration it holds for ours.
  await until('its own again', () => first.terms.length === 2)
  t.equal(specOf(store)?.['leaseTransitions'], 8)
})

void t.test('what keeps it from a Lease is named, once', async t => {
  type Case = [verb: string, method: string, fault: number, problem: string]
  const right = (verb: string) =>
    `no right to ${verb} leases.coordination.k8s.io in namespace default (RBAC: ${verb} leases.coordination.k8s.io)`
  const cases: Case[] = [
    ['get', 'GET', 403, right('get')],
    ['create', 'POST', 403, right('create')],
    ['update', 'PUT', 403, right('update')],
    ['get', 'GET', 401, 'the API server does not accept the credentials (401)'],
  ]
  for (const [, method, status, problem] of cases) {
    const store = await startStore(t)
    if (method === 'PUT') {
      const metadata = { name: 'x', resourceVersion: '1' }
      store.objects.set(path.replace('gate', 'default'), { metadata, spec: {} })
    }
    store.fault = request => (request.method === method ? status : undefined)
    const candidate = startCandidate(t, store)
    await until(problem, () => candidate.problems.length > 0)
    await until('more attempts', () => store.requests.length > 6)
    await candidate.stop()
    t.strictSame(candidate.problems, [problem])
    t.strictSame(candidate.terms, [])
  }
})

void t.test('what is no Lease is a problem, a lost race is none', async t => {
  const store = await startStore(t)
  const odd = path.replace('gate', 'default')
  store.objects.set(odd, { metadata: {} })
  const candidate = startCandidate(t, store)
  await until('the problem', () => candidate.problems.length > 0)
  t.strictSame(candidate.problems, ['the API server did not answer with JSON'])
  store.objects.delete(odd)
  store.fault = ({ method }) => (method === 'POST' ? 409 : undefined)
  await until('a race', () => store.lines().some(line => line.startsWith('POST')))
  t.equal(candidate.problems.length, 1)
  t.equal(candidate.terms.length, 0)
})

void t.test('a Lease that cannot be given back is a problem, too', async t => {
  const store = await startStore(t)
  const first = startCandidate(t, store, 'gate')
  await until('a term', () => first.terms.length === 1)
  const stopped = first.stop()
  store.fault = ({ method }) => (method === 'PUT' ? 500 : undefined)
  await stopped
  t.strictSame(first.problems, ['the API server answered 500'])
})
