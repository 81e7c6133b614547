import type { Command } from '../line/command.js'
import { databaseOptions } from '../input/database-choice.js'
import {
  failOnOption,
  formatOption,
  namespaceOption,
  policyOption,
} from '../output/report-options.js'

export const checkCommand: Command = {
  name: 'check',
  summary: 'judge manifests as the webhook would, each applied after the other',
  operands: '[PATH...]',
  maxOperands: Infinity,
  options: [
    {
      name: 'dir',
      value: '[NAMESPACE/]NAME=FOLDER',
      repeatable: true,
      help: 'a folder of migration files in place of ConfigMap NAME, which is not there yet',
    },
    {
      name: 'before',
      value: 'PATH',
      repeatable: true,
      help: 'the objects as they are in the cluster: only what changes is judged then',
    },
    ...databaseOptions,
    policyOption,
    namespaceOption,
    formatOption,
    failOnOption,
    {
      name: 'timeout',
      value: 'DURATION',
      default: '30s',
      help: 'how long the databases of one object may take',
    },
    { name: 'watch', help: 'check again whenever a file changes, until interrupted' },
  ],
  examples: [
    'atlas-admission check deploy/',
    'kustomize build overlays/prod | atlas-admission check - --url shop=env:SHOP_URL',
    'atlas-admission check migration.yaml --dir shop-migrations=./migrations --rows shop.json',
    'atlas-admission check deploy/ --offline --format github --format sarif=atlas.sarif',
  ],
}
