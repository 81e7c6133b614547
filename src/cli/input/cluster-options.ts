import type { CommandOption } from '../line/command.js'

/**
 * The options that name a cluster: a folder that stands for one, or a real one.
 * {@link parseClusterChoice} reads them.
 */
export const clusterOptions: readonly CommandOption[] = [
  {
    name: 'manifests',
    value: 'DIR',
    environment: 'ATLAS_ADMISSION_MANIFESTS',
    help: 'a folder of YAML and JSON manifests to take for the cluster (this or --kubernetes)',
  },
  {
    name: 'kubernetes',
    environment: 'ATLAS_ADMISSION_KUBERNETES',
    help: 'a real cluster: the one this runs in, or that of --kubeconfig (this or --manifests)',
  },
  {
    name: 'kubeconfig',
    value: 'FILE',
    environment: 'ATLAS_ADMISSION_KUBECONFIG',
    help: 'kubeconfig of the cluster, for --kubernetes outside of it',
  },
  {
    name: 'context',
    value: 'NAME',
    environment: 'ATLAS_ADMISSION_CONTEXT',
    help: 'context of --kubeconfig; without it the current one',
  },
  {
    name: 'namespaces',
    value: 'NAME,...',
    environment: 'ATLAS_ADMISSION_NAMESPACES',
    help: 'where AtlasMigrations are followed with --kubernetes; without it in all namespaces',
  },
]
