import type { Command } from '../line/command.js'

export const compareCommand: Command = {
  name: 'compare',
  summary: 'say whether an operator may be switched from one database to another',
  operands: 'FROM TO',
  maxOperands: 2,
  options: [
    {
      name: 'from-schema',
      value: 'SCHEMA',
      help: 'spec.revisionsSchema at FROM; default: the schema of the URL, else atlas_schema_revisions',
    },
    { name: 'to-schema', value: 'SCHEMA', help: 'the same at TO' },
    {
      name: 'directory',
      value: 'FOLDER',
      help: 'the migration directory: says what the operator would do with it on both sides',
    },
    {
      name: 'exec-order',
      value: 'ORDER',
      default: 'linear',
      help: 'as spec.execOrder: linear, linear-skip or non-linear; only with a directory',
    },
    { name: 'format', value: 'text|json', default: 'text', help: 'how the answer is written' },
    {
      name: 'timeout',
      value: 'DURATION',
      default: '30s',
      help: 'how long each of the two databases may take',
    },
  ],
  examples: [
    'atlas-admission compare env:OLD_URL env:NEW_URL --directory ./migrations',
    'atlas-admission compare shop.json file:/run/secrets/new-url',
    'atlas-admission compare env:SHOP_URL ./migrations',
  ],
}
