import { ownValue } from '../../atlas/text/own-value.js'
import type { ObjectMetadata } from './atlas-migration.js'

/**
 * How a tool ends the life of an object that it applies.
 * - at-once: as soon as it was applied.
 * - when-ready: as soon as it is healthy.
 * - when-failed: as soon as it has failed.
 * - anew: before each time that it is applied again.
 * - in-time: when its time to live is over.
 */
export type LifeEnd = 'at-once' | 'when-ready' | 'when-failed' | 'anew' | 'in-time'

export interface Lifetime {
  readonly tool: 'Helm' | 'Argo CD' | 'Kyverno' | 'kube-janitor'
  readonly end: LifeEnd
  /** The annotation or label that says so, as it stands in the manifest. */
  readonly said: string
}

const helmHook = 'helm.sh/hook'
const helmPolicy = 'helm.sh/hook-delete-policy'
const argoHook = 'argocd.argoproj.io/hook'
const argoPolicy = 'argocd.argoproj.io/hook-delete-policy'
const argoOptions = 'argocd.argoproj.io/sync-options'

/** Only Argo CD writes it. It takes Helm's hooks for its own, and runs them at every sync. */
const argoTracking = 'argocd.argoproj.io/tracking-id'

/** What ends the object's life, the most harmful first; null when it stays until it is removed. */
export function lifetimeOf(metadata: ObjectMetadata): Lifetime | null {
  const annotations = metadata.annotations ?? {}
  const labels = metadata.labels ?? {}
  const found = [
    ...helmEnds(annotations),
    ...argoEnds(annotations),
    ...timeToLive(labels, annotations),
  ]
  const ranks: readonly LifeEnd[] = ['at-once', 'when-ready', 'anew', 'when-failed', 'in-time']
  return ranks.map(end => found.find(lifetime => lifetime.end === end)).find(Boolean) ?? null
}

type Texts = Readonly<Record<string, string>>

function entries(texts: Texts, key: string): readonly string[] {
  return (ownValue(texts, key) ?? '')
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
}

/** Long enough for every policy there is. A message has no room for more. */
const longestValue = 60

function said(texts: Texts, key: string): string {
  return `${key}: ${(ownValue(texts, key) ?? '').slice(0, longestValue)}`
}

/** Hooks of an upgrade come again; those of an installation alone do not. */
const helmAgain = new Set(['pre-upgrade', 'post-upgrade', 'pre-rollback', 'post-rollback'])
const helmOnce = new Set(['pre-install', 'post-install'])

/** Helm deletes a hook's object before it makes it again, where no policy says otherwise. */
function helmEnds(annotations: Texts): readonly Lifetime[] {
  const hooks = entries(annotations, helmHook)
  if (!hooks.some(hook => helmAgain.has(hook) || helmOnce.has(hook))) return []
  const policies = entries(annotations, helmPolicy)
  const byArgo = Object.hasOwn(annotations, argoTracking)
  const isAgain = byArgo || hooks.some(hook => helmAgain.has(hook))
  const tool = byArgo ? 'Argo CD' : 'Helm'
  if (policies.includes('hook-succeeded'))
    // Helm waits only for Jobs and Pods, so any other object has succeeded once it is applied.
    return [{ tool, end: byArgo ? 'when-ready' : 'at-once', said: said(annotations, helmPolicy) }]
  return isAgain && (policies.length === 0 || policies.includes('before-hook-creation'))
    ? [
        {
          tool,
          end: 'anew',
          said: said(annotations, policies.length === 0 ? helmHook : helmPolicy),
        },
      ]
    : []
}

const argoPhases = new Set(['PreSync', 'Sync', 'PostSync', 'SyncFail'])

/** Argo CD does the same at every sync. With Force and Replace it does so without a hook. */
function argoEnds(annotations: Texts): readonly Lifetime[] {
  const tool = 'Argo CD'
  const options = new Set(entries(annotations, argoOptions))
  if (options.has('Force=true') && options.has('Replace=true'))
    return [{ tool, end: 'anew', said: said(annotations, argoOptions) }]
  if (!entries(annotations, argoHook).some(hook => argoPhases.has(hook))) return []
  const policies = entries(annotations, argoPolicy)
  const key = policies.length === 0 ? argoHook : argoPolicy
  const ends: readonly (readonly [policy: string, end: LifeEnd])[] = [
    ['HookSucceeded', 'when-ready'],
    ['HookFailed', 'when-failed'],
    ['BeforeHookCreation', 'anew'],
  ]
  return ends
    .filter(([policy]) =>
      policies.length === 0 ? policy === 'BeforeHookCreation' : policies.includes(policy),
    )
    .map(([, end]) => ({ tool, end, said: said(annotations, key) }))
}

function timeToLive(labels: Texts, annotations: Texts): readonly Lifetime[] {
  const kyverno = 'cleanup.kyverno.io/ttl'
  const janitor = ['janitor/ttl', 'janitor/expires'].filter(key => Object.hasOwn(annotations, key))
  return [
    ...(Object.hasOwn(labels, kyverno)
      ? [{ tool: 'Kyverno', end: 'in-time', said: said(labels, kyverno) } as const]
      : []),
    ...janitor.map(
      key => ({ tool: 'kube-janitor', end: 'in-time', said: said(annotations, key) }) as const,
    ),
  ]
}
