import { exampleMigration, type RulePage } from './rule-page.js'

export const urlInvalid: RulePage = {
  example: {
    situation:
      'A URL from an application that uses Prisma, where the schema has a name of its own.',
    manifests: exampleMigration(`
url: postgres://shop@db:5432/shop?schema=public
dir:
  configMapRef: {name: shop-migrations}`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    table: {
      ran: null,
      failure: {
        kind: 'parameter-refused',
        message: 'the server refused a parameter of the URL',
        refused: { parameter: 'schema', reason: 'unknown' },
      },
    },
    message: [
      '[url-invalid] AtlasMigration shop/shop: the server refuses the login: unrecognized configuration parameter "schema"; fix: write search_path in place of schema (which is Prisma\'s)',
      '- [url-invalid] AtlasMigration shop/shop: the server refuses the login: unrecognized configuration parameter "schema"; expected: parameters that the operator\'s driver or the server knows; fix: write search_path in place of schema (which is Prisma\'s)',
    ],
  },
  steps: [
    'Percent-encode reserved characters of the password (`@` is `%40`, `/` is `%2F`, `#` is `%23`), or use `spec.credentials`, where the operator does it.',
    'Begin the URL with a scheme that Atlas knows, such as `postgres://` or `mysql://`.',
    'Keep only parameters of the driver (`sslmode`, `connect_timeout`, `application_name`, …) and settings of the server (`search_path`, `statement_timeout`, …). `schema` (Prisma) and `currentSchema` (JDBC) are `search_path` here, `ssl` is `sslmode`; `channel_binding`, `pgbouncer`, `connection_limit` and the like have to go.',
    'Name one schema in `search_path`, in small letters and without quotes, or none: then Atlas manages all schemas of the database.',
    "Behind PgBouncer, which passes on hardly any parameter, use the database's own host and port.",
  ],
  milder: [
    'The URL comes from a Secret, which can change without this object.',
    'A custom config may set another URL, or `spec.revisionsSchema` says where the table is.',
    "No server was asked, and a parameter is known for another tool's.",
    'A table is there already under the name that Atlas reads.',
  ],
  notes: [
    'Of a URL nothing is ever shown but the names of its parameters, since it may hold a password.',
    'The login of this program sends the same parameters as the operator, so what is denied was refused by the server itself.',
    'A hyphen in `search_path`, and a schema that does not exist yet, are fine.',
    '`spec.revisionsSchema` is opened as a search_path, so the same holds for it.',
  ],
}
