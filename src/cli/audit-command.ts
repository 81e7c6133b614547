import { clusterOptions } from './cluster-options.js'
import type { Command } from './command.js'
import { databaseOptions } from './database-choice.js'

export const auditCommand: Command = {
  name: 'audit',
  summary: 'judge every AtlasMigration as it stands, and say which directories should become one',
  operands: '[PATH...]',
  maxOperands: Infinity,
  options: [
    ...clusterOptions,
    ...databaseOptions,
    {
      name: 'policy',
      value: 'FILE',
      environment: 'ATLAS_ADMISSION_POLICY',
      help: 'settings file (YAML), as for serve',
    },
    {
      name: 'namespace',
      value: 'NAME',
      default: 'default',
      help: 'namespace of objects in files that name none',
    },
    {
      name: 'format',
      value: 'FORMAT[=FILE]',
      repeatable: true,
      help: 'text, json, sarif, junit or github, to standard output or a file; default text',
    },
    {
      name: 'fail-on',
      value: 'deny|warn',
      default: 'deny',
      help: 'what the exit code 1 stands for: what would be denied, or a warning too',
    },
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
