import t from 'tap'
import { parseServerRow } from '../../../src/database/query/server-query.js'
import { buildPostgresReader } from '../../../src/database/postgres-reader.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import { soon } from '../test-reader.js'

/** Columns of pg_database as the versions of PostgreSQL document them (pg_database, "System Catalogs"). */
const databases: readonly [name: string, database: object, collation: object][] = [
  [
    'PostgreSQL 12 to 14, which know libc alone',
    { datcollate: 'en_US.utf8' },
    { provider: 'libc', name: 'en_US.utf8', version: null },
  ],
  [
    'PostgreSQL 15 and 16 with ICU',
    { datlocprovider: 'i', datcollate: 'C', daticulocale: 'de-DE', datcollversion: '153.1' },
    { provider: 'icu', name: 'de-DE', version: '153.1' },
  ],
  [
    'PostgreSQL 17 with its own provider',
    { datlocprovider: 'b', datcollate: 'C', datlocale: 'C.UTF-8', datcollversion: '1' },
    { provider: 'builtin', name: 'C.UTF-8', version: '1' },
  ],
  [
    'PostgreSQL 17 with libc',
    { datlocprovider: 'c', datcollate: 'C', datlocale: null, datcollversion: null },
    { provider: 'libc', name: 'C', version: null },
  ],
  [
    'a provider of the future',
    { datlocprovider: 'x', datcollate: 'C', datlocale: null, datcollversion: null },
    { provider: 'x', name: 'C', version: null },
  ],
]

for (const [name, database, collation] of databases)
  void t.test(`the collation of ${name}`, async t => {
    const version = '17.2 (Debian 17.2-1.pgdg120+1)'
    const row = { version, database, actualVersion: null, tableSchemas: ['a'] }
    t.strictSame(parseServerRow([[JSON.stringify(row)]]), {
      version: '17.2',
      collation: { ...collation, actualVersion: null },
      tableSchemas: ['a'],
    })
  })

void t.test('a server that cannot be asked tells nothing', async t => {
  const failures: string[] = []
  const reader = buildPostgresReader({
    limits: defaultSettings.database,
    onFailure: failure => void failures.push(failure),
  })
  t.teardown(() => reader.close())
  t.equal(await reader.readServer({ reveal: () => 'mysql://u@h/d' }, soon()), null)
  t.strictSame(failures, ['unsupported'])
})
