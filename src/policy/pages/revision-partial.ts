import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionPartial: RulePage = {
  example: {
    situation:
      'A file without a transaction failed after its first statement, and was then deleted from the directory.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    table: {
      ran: [['20250101_customers.sql', '20250102_indexes.sql']],
      partial: { applied: 1, total: 3 },
    },
    message: [
      '[revision-partial] AtlasMigration shop/shop: version 20250102 is partially applied (1 of 3 statements),...; fix: restore the file of 20250102, or finish it by hand and run "atlas migrate set 20250102"',
      '- [revision-partial] AtlasMigration shop/shop: version 20250102 is partially applied (1 of 3 statements), but its file is gone; expected: the file with the statements that ran, and as many as before; fix: restore the file of 20250102, or finish it by hand and run "atlas migrate set 20250102"',
      '- [revision-partial] Atlas would say: sql/migrate: missing migration: revision "20250102_indexes.sql" is partially applied but migration file was not found',
    ],
  },
  steps: [
    'Put the file back with the statements that ran, unchanged, and as many statements as before; correct only the one that failed.',
    'Run `atlas migrate hash`. The operator resumes after the statements that ran.',
    'Or run the rest by hand, then `atlas migrate set` with the version.',
  ],
  milder: ['The file is there and Atlas can go on: the message says that it will.'],
  notes: [
    'In a transaction (the default) a failed file leaves nothing behind on PostgreSQL; `-- atlas:txmode none` and other databases do.',
  ],
}
