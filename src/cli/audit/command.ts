import { clusterOptions } from '../input/cluster-options.js'
import type { Command } from '../line/command.js'
import { databaseOptions } from '../input/database-choice.js'
import {
  failOnOption,
  formatOption,
  namespaceOption,
  policyOption,
} from '../output/report-options.js'

export const auditCommand: Command = {
  name: 'audit',
  summary: 'judge every AtlasMigration as it stands, and say which directories should become one',
  operands: '[PATH...]',
  maxOperands: Infinity,
  options: [
    ...clusterOptions,
    ...databaseOptions,
    policyOption,
    namespaceOption,
    formatOption,
    failOnOption,
    {
      name: 'concurrency',
      value: 'NUMBER',
      default: '2',
      help: 'AtlasMigrations at a time for each database server, 1 to 16; 16 at a time in all',
    },
    {
      name: 'timeout',
      value: 'DURATION',
      default: '30s',
      help: 'how long the cluster, or the databases of one object, may take',
    },
  ],
  examples: [
    'atlas-admission audit deploy/',
    'atlas-admission audit --kubernetes --kubeconfig ~/.kube/config --namespaces shop,billing',
    'atlas-admission audit --manifests ./cluster --format json=audit.json --fail-on warn',
    'atlas-admission audit deploy/ --rows shop=shop.json --offline',
  ],
}
