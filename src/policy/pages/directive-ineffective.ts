import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const directiveIneffective: RulePage = {
  example: {
    situation: 'The blank line after the directive was forgotten.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250201_slow.sql: |
  -- atlas:txmode none
  ALTER TABLE orders ADD COLUMN note text;
atlas.sum: |
  h1:ojtOJGIpAYTYEi3ezRXtShXQZWf1SzcmdVB0CdA+Tok=
  20250201_slow.sql h1:Al3bDfQ9fO4N08cJwFDzUMJmz4erTuXgaXyRb3gEGpY=`)}`,
    message: [
      '[directive-ineffective] AtlasMigration shop/shop: 20250201_slow.sql: Atlas does not see atlas:txmode (line 1): no blank line after it; expected: `-- atlas:txmode none` on the first line, LF, then a blank line; fix: correct it and run `atlas migrate hash`',
    ],
  },
  steps: [
    'Let `-- atlas:txmode none` be the first line and the second one empty; no byte order mark, LF line ends.',
    '`-- atlas:delimiter` has to be the very first line. It needs no empty line.',
    'The names are in lower case, and there is no blank after `atlas:`.',
    'Run `atlas migrate hash`.',
  ],
  milder: [],
  notes: [
    'Only files that have not run are looked at. Where the database cannot be read, only those that the write adds or changes.',
    '`-- atlas:nolint` right above a statement counts for that statement.',
    'Of checkpoints, checkpoint-ineffective speaks.',
  ],
}
