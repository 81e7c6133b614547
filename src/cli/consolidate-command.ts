import type { Command } from './command.js'
import { databaseOptions } from './database-choice.js'

export const consolidateCommand: Command = {
  name: 'consolidate',
  summary:
    'merge several migration directories into the one that the revisions table holds already',
  operands: '[SOURCE...]',
  maxOperands: Infinity,
  options: [
    {
      name: 'source',
      value: 'SOURCE',
      repeatable: true,
      help: 'a directory, as the operands: a folder, CONFIGMAP=FOLDER (what ConfigMap CONFIGMAP is made of), a file of manifests (every ConfigMap in it that holds migrations), configmap:[NAMESPACE/]NAME or migration:[NAMESPACE/]NAME (of --manifests or --kubernetes)',
    },
    {
      name: 'check',
      help: 'write nothing and take no SOURCE: say which directories of --manifests or --kubernetes should become one, and whether they can',
    },
    {
      name: 'manifests',
      value: 'PATH',
      repeatable: true,
      help: 'files or folders of manifests that stand for the cluster: the AtlasMigrations in them that use a source say which databases must be right, and are pointed to the new ConfigMap',
    },
    { name: 'kubernetes', help: 'the same from an API server; nothing is written to it' },
    {
      name: 'kubeconfig',
      value: 'FILE',
      help: 'how to reach it; default: the service account of the pod',
    },
    { name: 'context', value: 'NAME', help: 'context of the kubeconfig; default: the current one' },
    {
      name: 'namespaces',
      value: 'NAME,...',
      help: 'namespaces of the AtlasMigrations there; default: all',
    },
    {
      name: 'namespace',
      value: 'NAME',
      default: 'default',
      help: 'namespace of objects that name none',
    },
    ...databaseOptions,
    {
      name: 'revisions-schema',
      value: 'SCHEMA',
      help: 'where the revisions table is in a database that only --url or --rows names',
    },
    {
      name: 'without-database',
      value: 'NAME',
      repeatable: true,
      help: 'go on though nothing is known of this database: nothing is proven for it then',
    },
    {
      name: 'output',
      value: 'DIR',
      help: 'folder to write: the .sql files and atlas.sum, or with --configmap the manifests',
    },
    {
      name: 'configmap',
      value: '[NAMESPACE/]NAME',
      help: 'write configmap.yaml, the AtlasMigrations that are pointed to it, and kustomization.yaml',
    },
    {
      name: 'keep',
      value: '[NAMESPACE/]NAME',
      repeatable: true,
      help: 'the AtlasMigration of a table that goes on; default: the one with the most files',
    },
    {
      name: 'rename-pending',
      help: 'give files that ran nowhere a new version, above all others, where that is the way out',
    },
    { name: 'replay', help: 'run the merged directory from empty, on a PostgreSQL of its own' },
    {
      name: 'replay-url',
      value: 'env:VAR|file:PATH',
      help: 'the same in a new database on this server, dropped afterwards; use a scratch server: the SQL is run as it is',
    },
    { name: 'force', help: 'replace the output folder if there is one' },
    { name: 'dry-run', help: 'write nothing, show what would change' },
    {
      name: 'timeout',
      value: 'DURATION',
      default: '30s',
      help: 'how long reading cluster and databases may take',
    },
  ],
  examples: [
    'atlas-admission consolidate --check --manifests ./cluster',
    'atlas-admission consolidate ./schema ./seed --url env:SHOP_URL --output ./merged',
    'atlas-admission consolidate configmap:shop/shop-schema configmap:shop/shop-seed --manifests ./cluster --configmap shop/shop-merged --output ./merged',
    'atlas-admission consolidate shop-schema=./schema shop-seed=./seed --rows prod=prod.json --rows staging=staging.json --configmap shop/shop-merged --dry-run',
    'atlas-admission consolidate migration:shop/shop-schema migration:shop/shop-seed --kubernetes --kubeconfig ~/.kube/config --configmap shop/shop-merged --output ./merged --replay',
  ],
}
