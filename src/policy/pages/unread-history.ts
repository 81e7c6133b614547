import { exampleMigration, type RulePage } from './rule-page.js'

const spec = `url: mysql://shop@db:3306/shop
dir:
  configMapRef:
    name: shop-migrations`

export const unreadHistory: RulePage = {
  example: {
    situation: 'A MySQL database, whose rows are not read. The operator applied 20250102 last.',
    manifests: `${exampleMigration(spec).trimEnd()}
status:
  lastAppliedVersion: "20250102"
`,
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250103_invoices.sql'] },
    message: [
      '[unread-history] AtlasMigration shop/shop: 20250102 ran, and 1 file is gone; expected: new files that are newer than everything that ran, and no change of what ran; fix: put what ran back (git log shows it)',
    ],
  },
  steps: [
    'Export the rows with the query of `docs/check.md` and give them: `atlas-admission check deploy/ --rows shop=rows.json`. The answer is exact then.',
    'Give a file that came late a version after the last one that ran, and run `atlas migrate hash`.',
    'Put back what ran and is gone or changed; `git log` shows it.',
  ],
  milder: [],
  notes: [
    'Known are the files before the write and `status.lastAppliedVersion`. Without the status the old files are taken for what ran, and the message says so.',
    'Where the rows are read, this rule says nothing.',
  ],
}
