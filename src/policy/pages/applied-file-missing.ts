import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const appliedFileMissing: RulePage = {
  example: {
    situation:
      'One commit removes a file that ran and adds a new one. The count still fits, so this reconcile succeeds.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250103_invoices.sql'] },
    dirState: ['20250101_customers.sql', '20250102_orders.sql'],
    table: { ran: [['20250101_customers.sql', '20250102_orders.sql']] },
    message: [
      '[applied-file-missing] AtlasMigration shop/shop: applied files were removed: 20250102; Ready now, down at the next reconcile; fix: put the removed files back',
      '- [applied-file-missing] AtlasMigration shop/shop: applied files were removed: 20250102; Ready now, down at the next reconcile; expected: one file for each row of the revisions table; fix: put the removed files back',
    ],
  },
  steps: [
    'Put the file back as it ran; git or the dir-state Secret has it.',
    'After a checkpoint, keep the old files beside it.',
    'If the rows are those of another directory, merge both; see [revision-table-shared](revision-table-shared.md).',
  ],
  milder: [
    'The same gap was there before this write, and the operator was in trouble already.',
    'The row was set by hand or is a baseline, or a checkpoint stands for its file, and no down is in sight.',
  ],
  notes: [
    '`Ready=True` proves nothing here: the operator counts files and rows, and does not compare them.',
  ],
}
