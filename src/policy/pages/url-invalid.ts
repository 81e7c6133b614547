import { exampleMigration, type RulePage } from './rule-page.js'

export const urlInvalid: RulePage = {
  example: {
    situation: 'A search_path that suits the application, which has two schemas.',
    manifests: exampleMigration(`
url: postgres://shop@db:5432/shop?search_path=shop,public
dir:
  configMapRef: {name: shop-migrations}`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      '[url-invalid] AtlasMigration shop/shop: search_path lists several schemas: Atlas takes the list for the name of one schema; fix: leave one schema in search_path',
      '- [url-invalid] AtlasMigration shop/shop: search_path lists several schemas: Atlas takes the list for the name of one schema; expected: one schema, or no search_path; fix: leave one schema in search_path',
    ],
  },
  steps: [
    'Percent-encode reserved characters of the password (`@` is `%40`, `/` is `%2F`, `#` is `%23`), or use `spec.credentials`, where the operator does it.',
    'Begin the URL with a scheme that Atlas knows, such as `postgres://` or `mysql://`.',
    'Leave one schema in `search_path`, or none: then Atlas manages all schemas of the database.',
  ],
  milder: [
    'The URL comes from a Secret, which can change without this object.',
    'A custom config may set another URL, or `spec.revisionsSchema` says where the table is.',
  ],
  notes: ['Neither the URL nor a part of it is ever shown, since it may hold a password.'],
}
