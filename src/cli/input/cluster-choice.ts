import type { Logger } from 'pino'
import type { KubernetesAccess } from '../../kubernetes/api/kubeconfig.js'
import type { FollowedCluster, OpenedCluster } from '../../gate/opened-cluster.js'
import type { Adapters } from './adapters.js'
import type { Arguments } from '../line/arguments.js'
import { ManifestsError } from './manifests-error.js'
import { listMistakes } from '../../report/parts/mistake-list.js'
import { UsageError } from '../line/usage-error.js'

/** Which cluster, or what stands for one. */
export type ClusterChoice =
  | { readonly kind: 'manifests'; readonly folder: string }
  | {
      readonly kind: 'kubernetes'
      /** null: the cluster in which this process runs. */
      readonly kubeconfig: { readonly file: string; readonly context?: string } | null
      /** Empty: all namespaces. */
      readonly namespaces: readonly string[]
    }

export type KubernetesChoice = Extract<ClusterChoice, { kind: 'kubernetes' }>

/** @throws UsageError unless the options name exactly one cluster. */
export function parseClusterChoice(args: Arguments): ClusterChoice {
  const choice = findClusterChoice(args)
  if (choice === null)
    throw new UsageError(
      'no cluster is named: give --manifests DIR for a folder, or --kubernetes for a real one',
    )
  return choice
}

/**
 * The cluster that the options name, or null for none.
 * @throws UsageError for options that do not go together.
 */
export function findClusterChoice(args: Arguments): ClusterChoice | null {
  const folder = args.value('manifests')
  const isKubernetes = args.isSet('kubernetes')
  if (isKubernetes && folder !== undefined)
    throw new UsageError('--manifests and --kubernetes exclude each other: give one of them')
  if (isKubernetes) return parseKubernetes(args)
  const alone = ['kubeconfig', 'context', 'namespaces'].find(name => args.value(name) !== undefined)
  if (alone !== undefined) throw new UsageError(`--${alone} needs --kubernetes`)
  return folder === undefined ? null : { kind: 'manifests', folder }
}

function parseKubernetes(args: Arguments): ClusterChoice {
  const file = args.value('kubeconfig')
  const context = args.value('context')
  if (context !== undefined && file === undefined)
    throw new UsageError('--context needs --kubeconfig FILE: a pod knows no other cluster')
  const kubeconfig =
    file === undefined ? null : { file, ...(context === undefined ? {} : { context }) }
  return { kind: 'kubernetes', kubeconfig, namespaces: parseNamespaces(args) }
}

/** The form of an RFC 1123 label. */
const namespaceName = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

function parseNamespaces(args: Arguments): readonly string[] {
  const text = args.value('namespaces')
  if (text === undefined) return []
  const names = text.split(',').map(name => name.trim())
  const wrong = names.find(name => !namespaceName.test(name))
  if (wrong !== undefined)
    throw new UsageError(
      `--namespaces: "${wrong}" is no name of a namespace; expected something like shop,billing`,
    )
  return names
}

export function accessOf({ kubeconfig }: KubernetesChoice): KubernetesAccess {
  return kubeconfig ? { kind: 'kubeconfig', ...kubeconfig } : { kind: 'in-cluster' }
}

export async function openCluster(
  choice: ClusterChoice,
  adapters: Adapters,
  log: Logger,
): Promise<OpenedCluster> {
  return choice.kind === 'manifests'
    ? openManifests(choice, adapters, log)
    : openKubernetes(choice, adapters, log)
}

/**
 * Opens a folder. Files that cannot be read at the start end the command, because a cluster that
 * lacks objects would be judged wrongly.
 */
async function openManifests(
  { folder }: Extract<ClusterChoice, { kind: 'manifests' }>,
  adapters: Adapters,
  log: Logger,
): Promise<OpenedCluster> {
  const cluster = await adapters.openManifests(folder)
  const problems = cluster.problems()
  if (problems.length > 0) {
    cluster.close()
    throw new ManifestsError(`the manifests cannot be used\n${listMistakes(problems)}`)
  }
  const skipped = cluster.skippedKinds()
  if (skipped.length > 0) log.info({ kinds: skipped }, 'objects of other kinds are skipped')
  cluster.onChange(() =>
    log.info({ migrations: cluster.migrations().length }, 'the manifests have changed'),
  )
  logProblems(cluster, log, 'manifests that cannot be used; their last good objects still count')
  return { cluster }
}

/** Opens a real cluster. No failure of it ends the command: it is watched until it can be read. */
async function openKubernetes(
  choice: KubernetesChoice,
  adapters: Adapters,
  log: Logger,
): Promise<OpenedCluster> {
  const cluster = await adapters.openKubernetes({
    access: accessOf(choice),
    namespaces: choice.namespaces,
    onRestart: reason => log.warn({ reason }, 'the watch of AtlasMigrations is begun again'),
    onListenerError: error => log.error({ error }, 'what follows the cluster has failed'),
  })
  logProblems(cluster, log, 'AtlasMigrations that cannot be read; no review knows of them')
  return { cluster, watch: cluster, openAudit: options => cluster.openAudit(options) }
}

/** Logs the problems each time they change. */
function logProblems(cluster: FollowedCluster, log: Logger, message: string): void {
  let known = ''
  cluster.onChange(() => {
    const problems = cluster.problems()
    if (problems.length > 0 && problems.join('\n') !== known) log.error({ problems }, message)
    known = problems.join('\n')
  })
}
