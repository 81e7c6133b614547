import { clusterOptions } from '../input/cluster-options.js'
import type { Command } from '../line/command.js'
import { databaseOptions } from '../input/database-choice.js'
import { namespaceOption, policyOption } from '../output/report-options.js'

export const explainCommand: Command = {
  name: 'explain',
  summary: 'say what the operator does with one AtlasMigration, and why',
  operands: 'FILE|[NAMESPACE/]NAME',
  options: [
    {
      name: 'name',
      value: '[NAMESPACE/]NAME',
      help: 'which AtlasMigration, where FILE (or folder, or - for standard input) holds several',
    },
    ...clusterOptions,
    {
      name: 'dir',
      value: '[NAMESPACE/]NAME=FOLDER',
      repeatable: true,
      help: 'a folder of migration files in place of ConfigMap NAME; only with FILE',
    },
    ...databaseOptions,
    {
      name: 'said',
      value: 'TEXT',
      help: 'a sentence of the operator or of Atlas: which of its causes it is, and which it is not',
    },
    {
      name: 'pending',
      help: 'print only the files that would run, one in a line, for a linter; with --dir as paths',
    },
    policyOption,
    namespaceOption,
    { name: 'format', value: 'text|json', default: 'text', help: 'how the answer is written' },
    {
      name: 'timeout',
      value: 'DURATION',
      default: '30s',
      help: 'how long reading the cluster, and then the database, may take',
    },
  ],
  examples: [
    'atlas-admission explain shop/orders --kubernetes --kubeconfig ~/.kube/config',
    'atlas-admission explain shop/orders --manifests ./cluster --said "migrate down is not allowed"',
    'atlas-admission explain deploy/orders.yaml --url env:ORDERS_URL --dir orders=./migrations',
    'atlas-admission explain deploy/ --name orders --rows orders.json --format json',
    'atlas-admission explain --said "no dir-state found"',
  ],
}
