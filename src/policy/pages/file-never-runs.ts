import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const fileNeverRuns: RulePage = {
  example: {
    situation: 'A file is added whose version is older than the first row.',
    manifests: exampleMigration(plainSpec),
    directories: {
      'shop-migrations': [
        '20241201_extensions.sql',
        '20250101_customers.sql',
        '20250102_orders.sql',
      ],
    },
    table: { ran: [['20250101_customers.sql', '20250102_orders.sql']] },
    message: [
      '[file-never-runs] AtlasMigration shop/shop: 20241201_extensions.sql never runs: older than the first row (20250101); fix: rename it to a newer version and rehash',
      '- [file-never-runs] AtlasMigration shop/shop: 20241201_extensions.sql never runs: older than the first row (20250101); expected: every file either ran or is pending; fix: rename it to a newer version and rehash',
      '- [file-never-runs] After a renaming run "atlas migrate hash"',
    ],
  },
  steps: [
    'Rename the file to a version newer than every row, and run `atlas migrate hash`.',
    'If its version has a row because another file ran under it, the same: a version runs once.',
    'If a checkpoint took its place before it ran here, put the old files back beside the checkpoint: only a database without rows runs a checkpoint.',
    'If its effect is in the database already, list the rule as `overridable` and say so in the annotation.',
  ],
  milder: [
    'The first row was set by hand, or its file is known nowhere: it may stand for the older files.',
    'The gap was there before this write, and the operator was in trouble already.',
  ],
  notes: [
    'Files before a baseline or a checkpoint are not reported: they are not meant to run.',
    'A file that this write removes in favour of a checkpoint is found when it was pending here before. Later nothing tells that it was there.',
  ],
}
