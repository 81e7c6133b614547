import { clusterOptions } from '../input/cluster-options.js'
import type { Command } from '../line/command.js'

export const exportCommand: Command = {
  name: 'export',
  summary: 'write the rows of a revisions table as JSON, for --rows and compare',
  operands: 'env:VAR|file:PATH|[NAMESPACE/]NAME',
  options: [
    {
      name: 'revisions-schema',
      value: 'SCHEMA',
      help: 'as spec.revisionsSchema, and in its place; default: the schema of the URL, else atlas_schema_revisions',
    },
    { name: 'output', value: 'FILE', help: 'write to FILE instead of standard output' },
    {
      name: 'timeout',
      value: 'DURATION',
      default: '30s',
      help: 'how long the cluster and the database may take, each',
    },
    ...clusterOptions,
  ],
  examples: [
    'atlas-admission export env:SHOP_URL --output shop.json',
    'atlas-admission export file:/run/secrets/shop-url --revisions-schema sales',
    'atlas-admission export shop/schema --kubernetes --kubeconfig ~/.kube/config',
  ],
}
