import { clusterOptions } from '../input/cluster-options.js'
import type { Command } from '../line/command.js'
import { databaseOptions } from '../input/database-choice.js'

export const consolidateCommand: Command = {
  name: 'consolidate',
  summary: 'make one migration directory of several, as the revisions table has them',
  operands: 'SOURCE...',
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
      help: 'take no SOURCE and write nothing: say which directories of --manifests or --kubernetes should become one, and whether they can as they stand',
    },
    ...clusterOptions,
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
