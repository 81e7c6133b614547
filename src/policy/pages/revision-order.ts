import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionOrder: RulePage = {
  example: {
    situation:
      'Versions with letters in a database whose collation is en_US: there capitals do not come first.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['B2_orders.sql', 'a1_customers.sql'] },
    table: {
      ran: [['B2_orders.sql', 'a1_customers.sql']],
      order: ['a1', 'B2'],
    },
    message: [
      '[revision-order] AtlasMigration shop/shop: the database orders version B2 after greater ones; fix: use a database with collation C, or versions of digits only',
      '- [revision-order] AtlasMigration shop/shop: the database orders version B2 after greater ones; expected: versions that every collation orders alike, such as digits only; fix: use a database with collation C, or versions of digits only',
      '- [revision-order] Atlas assumes the order of bytes, in which capitals come before small letters',
    ],
  },
  steps: [
    'Use versions of digits of one length for new directories: every collation orders them alike.',
    'For rows that are there, move the revisions table to a database, or the column to a collation, that is `C`: `ALTER TABLE … ALTER COLUMN version TYPE varchar COLLATE "C"`.',
  ],
  milder: [],
  notes: [
    'A move to a server with another locale, or another provider of collations, brings it about with the same rows.',
  ],
}
