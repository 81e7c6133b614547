import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const nameTooLong: RulePage = {
  example: {
    situation: 'A generated name, and no dev database in the spec, so that the operator makes one.',
    manifests: exampleMigration(
      plainSpec,
      'shop-order-history-and-billing-archive-for-reporting-eu',
    ),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      "[name-too-long] AtlasMigration shop/shop-order-history-and-billing-archive-for-reporting-eu: the name has 55 characters; the operator's dev database needs...; fix: shorten the name, or set spec.devURL",
      "- [name-too-long] AtlasMigration shop/shop-order-history-and-billing-archive-for-reporting-eu: the name has 55 characters; the operator's dev database needs it as a label value; expected: at most 50 characters; fix: shorten the name, or set spec.devURL",
    ],
  },
  steps: [
    'Shorten `metadata.name` to at most 50 characters.',
    'Or, up to 63 characters, set `spec.devURL` or `spec.devURLFrom`: then the operator makes no dev database.',
  ],
  milder: [],
  notes: [
    'A new name is a new object: the dir-state Secret of the old name is not taken over. Wait until the new object is Ready before a rollback.',
  ],
}
