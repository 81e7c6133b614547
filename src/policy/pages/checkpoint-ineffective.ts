import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const checkpointIneffective: RulePage = {
  example: {
    situation: 'A checkpoint was written by hand, without the blank line after the directive.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250201_checkpoint.sql: |
  -- atlas:checkpoint
  CREATE TABLE customers (id int);
atlas.sum: |
  h1:n0fencnjxr1icGIvCwM67ZZb2pi0EU+6Kjeuq392XxE=
  20250201_checkpoint.sql h1:RinjyJfwJXMttv1tpr31KAj/ty2uqQSTEWX+A9rx63M=`)}`,
    message: [
      '[checkpoint-ineffective] AtlasMigration shop/shop: 20250201_checkpoint.sql: Atlas sees no checkpoint: no blank line after it; expected: `-- atlas:checkpoint` on the first line, LF, then a blank line; fix: correct the head and run `atlas migrate hash`',
    ],
  },
  steps: [
    'Let the first line be `-- atlas:checkpoint`, and the second one empty; no byte order mark, LF line ends.',
    'Or have `atlas migrate checkpoint` write it.',
    'Run `atlas migrate hash`.',
  ],
  milder: [],
  notes: ['Keep the files before the checkpoint: databases that ran them still count their rows.'],
}
