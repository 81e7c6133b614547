import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const searchPathCarried: RulePage = {
  example: {
    situation:
      'A dump became the first file. It empties search_path, and the next file relies on it.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`1_dump.sql: |
  SELECT pg_catalog.set_config('search_path', '', false);
  CREATE TABLE public.customers (id integer);
2_orders.sql: |
  CREATE TABLE orders (id integer);
atlas.sum: |
  h1:rfGXhA24Ir2N/27f6mFWgHBHo5Msc6zyytXqAb79DFw=
  1_dump.sql h1:kIrZZtEhW59JbkFmfkiod1j7UlfZZzRkA+5oRQF0bAc=
  2_orders.sql h1:rfgyI3DSvSPZ06mivAYUYz8yXWuWZGG/r4hQk59+NdY=`)}`,
    message: [
      '[search-path-carried] AtlasMigration shop/shop: 2_orders.sql creates a table without its schema (line 1), after 1_dump.sql changed search_path; expected: files that run alike alone; fix: end 1_dump.sql with `RESET search_path;` and run `atlas migrate hash`',
    ],
  },
  steps: [
    'End the earlier file with `RESET search_path;`, or write `SET LOCAL search_path` in it.',
    'Or name the schema of the new table: `CREATE TABLE public.orders`.',
    'Run `atlas migrate hash`.',
  ],
  milder: [],
  notes: [
    'Only tables that are created are looked at. `SET LOCAL` ends with the file, so it does no harm.',
  ],
}
