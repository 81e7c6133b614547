import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const directoryEmpty: RulePage = {
  example: {
    situation: 'The path of a generator changed, and the ConfigMap came out empty.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap('README.md: moved to db/migrations')}`,
    table: { ran: [['20250101_customers.sql']] },
    message: [
      '[directory-empty] AtlasMigration shop/shop: no key ends in ".sql", but the database has applied revisions; fix: put the migration files back',
      '- [directory-empty] AtlasMigration shop/shop: no key ends in ".sql", but the database has applied revisions; expected: migration files as keys of data that end in ".sql" (lower case); fix: put the migration files back',
    ],
  },
  steps: [
    'Put the migration files back; a path or glob of the generator probably matches nothing now.',
    'To stop migrating a database, delete the AtlasMigration: that leaves its database alone.',
  ],
  milder: [
    'Nothing says that there ever were files: no rows, no dir-state, none before this write.',
  ],
  notes: [
    'Only keys of `data` that end in `.sql` (lower case) are files; see [file-ignored](file-ignored.md).',
  ],
}
