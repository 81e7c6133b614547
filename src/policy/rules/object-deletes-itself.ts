import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { type LifeEnd, type Lifetime, lifetimeOf } from '../facts/object-lifetime.js'
import { directoryField } from '../facts/used-directory.js'

export const objectDeletesItself: Rule = {
  id: 'object-deletes-itself',
  title:
    'The AtlasMigration or its ConfigMap is a hook of Helm or Argo CD that is deleted, or has a time to live.',
  why: 'The operator reads the ConfigMap at every reconcile, not only at the first. With an AtlasMigration its status goes, and the dir-state Secret that undoing a migration needs.',
  severity: 'warn',
  evidence: 'references',
  order: 3030,
  since: '0.2.0',
  evaluate,
}

type Kind = 'ConfigMap' | 'AtlasMigration'

interface Mortal {
  readonly kind: Kind
  readonly name: string
  readonly field: string
  readonly lifetime: Lifetime
}

function evaluate(facts: Facts): Finding | null {
  const mortals = [...mortalConfigMap(facts), ...mortalMigration(facts)]
  const [first, ...others] = mortals
  if (!first) return null
  return {
    found: describe(first),
    expected: 'objects that stay until they are removed',
    remedy: remedies[first.lifetime.tool],
    field: first.field,
    subjects: mortals.map(({ kind, lifetime }) => `${kind} ${lifetime.end}`),
    details: [
      ...others.map(other => `Also: ${describe(other)}`),
      ...mortals.map(({ lifetime: { said } }) => `It says ${said}`),
      ...(first.lifetime.tool === 'Helm' ? [takeOver] : []),
    ],
  }
}

function mortalConfigMap({ directory }: Facts): readonly Mortal[] {
  if (directory.kind !== 'read' || !directory.lifetime) return []
  const { name, lifetime } = directory
  // A ConfigMap cannot fail.
  if (lifetime.end === 'when-failed') return []
  return [{ kind: 'ConfigMap', name, lifetime, field: directoryField(directory) }]
}

function mortalMigration({ migration: { metadata } }: Facts): readonly Mortal[] {
  const lifetime = lifetimeOf(metadata)
  if (lifetime === null) return []
  const name = metadata.name ?? metadata.generateName ?? ''
  return [{ kind: 'AtlasMigration', name, lifetime, field: 'metadata.annotations' }]
}

function describe({ kind, name, lifetime: { tool, end } }: Mortal): string {
  const subject = kind === 'ConfigMap' ? `ConfigMap ${name}` : 'the AtlasMigration'
  return `${tool} deletes ${subject} ${times[end]}: ${losses[kind][end === 'anew' ? 'anew' : 'gone']}`
}

const times: Readonly<Record<LifeEnd, string>> = {
  'at-once': 'as soon as it is applied',
  'when-ready': 'as soon as it is healthy',
  'when-failed': 'when it fails',
  anew: 'before it applies it again',
  'in-time': 'in time',
}

const losses: Readonly<Record<Kind, Readonly<Record<'gone' | 'anew', string>>>> = {
  ConfigMap: {
    gone: 'the next reconcile finds no files',
    anew: 'a reconcile in between finds no files',
  },
  AtlasMigration: {
    gone: 'status and dir-state go with it',
    anew: 'status and dir-state go each time',
  },
}

const remedies: Readonly<Record<Lifetime['tool'], string>> = {
  Helm: 'remove the hook: Helm applies a ConfigMap first; for Argo CD set a sync wave',
  'Argo CD': 'use a sync wave (argocd.argoproj.io/sync-wave) in place of it',
  Kyverno: 'remove the label',
  'kube-janitor': 'remove the annotation',
}

/** Helm refuses an object that is there and belongs to no release, as that of a hook does. */
const takeOver =
  'The first upgrade without the hook needs "helm upgrade --take-ownership", since what a hook made belongs to no release'
