/** What a database holds besides Atlas's own table. */
export interface DatabaseContent {
  /** The schemas that Atlas sees, with their tables, both in the order of names. */
  readonly schemas: readonly SchemaContent[]
  /** Whether that is all. A large database is only read in part. */
  readonly isWhole: boolean
}

export interface SchemaContent {
  readonly name: string
  readonly tables: readonly string[]
}

/**
 * Schemas that a provider or a tool makes in every database, by their names. What an extension owns
 * is not in a {@link DatabaseContent} at all, because Atlas does not look at it.
 */
const platformSchemas: ReadonlySet<string> = new Set([
  '_realtime',
  'aiven_extras',
  'auth',
  'aws_commons',
  'aws_lambda',
  'aws_s3',
  'azure',
  'azure_maintenance',
  'azure_sys',
  'cron',
  'datadog',
  'extensions',
  'google_vacuum_mgmt',
  'graphql',
  'graphql_public',
  'hdb_catalog',
  'heroku_ext',
  'metric_helpers',
  'neon',
  'neon_auth',
  'net',
  'pganalyze',
  'pgbouncer',
  'pgmq',
  'pgsodium',
  'pgsodium_masks',
  'rdsadmin',
  'realtime',
  'storage',
  'supabase_functions',
  'supabase_migrations',
  'user_management',
  'vault',
])

export function isPlatformSchema(name: string): boolean {
  return platformSchemas.has(name)
}
