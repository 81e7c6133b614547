import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const privilegeMissing: RulePage = {
  example: {
    situation: 'A new database, in which the role of the URL may create nothing.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    table: {
      ran: null,
      access: {
        role: 'shop_app',
        standby: false,
        readOnly: false,
        schemaMissing: true,
        lacking: [{ right: 'CREATE', on: 'database' }],
      },
    },
    message: [
      '[privilege-missing] AtlasMigration shop/shop: role shop_app lacks CREATE on database shop: the operator cannot make its revisions table and fails; fix: run GRANT CREATE ON DATABASE shop TO shop_app',
      '- [privilege-missing] Atlas would say: Add new schema named "atlas_schema_revisions": pq: permission denied for database shop',
      '- [privilege-missing] Run it as the owner of the database, or as a superuser',
      '- [privilege-missing] Or set spec.revisionsSchema to an empty schema that shop_app owns',
    ],
  },
  steps: [
    'Run the statement that the message names, as the owner of what it names or as a superuser.',
    'Where the role must not create schemas, make one that it owns (`CREATE SCHEMA atlas AUTHORIZATION shop_app`) and set `spec.revisionsSchema` to it.',
    'Where another role of the server has the rights already, name it in the URL: `?role=shop_owner`.',
  ],
  milder: [],
  notes: [
    'The rights are asked of the database with the URL of the AtlasMigration, with its `role` and `options`, so groups and inherited rights count. Superusers have every right.',
    'Atlas needs SELECT, INSERT and UPDATE on every column of its table, and never DELETE. A table that it shall make needs CREATE and USAGE on the schema, or CREATE on the database where there is no schema.',
    'Row level security on the table: only a policy that is missing is found, not one whose condition refuses a row.',
  ],
}
