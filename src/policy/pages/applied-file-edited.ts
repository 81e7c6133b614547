import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const appliedFileEdited: RulePage = {
  example: {
    situation: 'A column was added to a file that ran, and atlas.sum was computed anew.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    edited: ['20250102_orders.sql'],
    dirState: ['20250101_customers.sql', '20250102_orders.sql'],
    table: { ran: [['20250101_customers.sql', '20250102_orders.sql']] },
    message: [
      '[applied-file-edited] AtlasMigration shop/shop: applied here, and since then changed: 20250102_orders.sql; fix: restore it, and put the change into a new file',
      '- [applied-file-edited] AtlasMigration shop/shop: applied here, and since then changed: 20250102_orders.sql; expected: every applied file as it ran; fix: restore it, and put the change into a new file',
      '- [applied-file-edited] Atlas will not run the change and will not tell: it never reads the hash of a row',
    ],
  },
  steps: [
    'Restore the file as it ran; git or the dir-state Secret has it.',
    'Put the change into a new file with a newer version.',
    'Run `atlas migrate hash`.',
  ],
  milder: [
    'The edit is not proven: hashes are cumulative, so an earlier file that is gone, or a file that failed and was repaired, looks alike.',
    'The file was only renamed.',
    'This write leaves the file alone: the edit is an old one.',
  ],
  notes: [
    'Where only line breaks, a final newline, a byte order mark, indents or comments changed, it says so once for all files. Restore the text as it ran and run `atlas migrate hash`; `*.sql text eol=lf` in .gitattributes keeps Git from changing line breaks.',
    'If only a comment changed it is harmless, and reported all the same: list the rule as `overridable` and say so in the annotation.',
    'Rows that `atlas migrate set` wrote, and directories that were merged after they ran, are understood.',
  ],
}
