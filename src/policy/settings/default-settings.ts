import type { Settings } from './settings.js'

/** What holds without a settings file, and for everything that one does not mention. */
export const defaultSettings: Settings = {
  mode: 'enforce',
  // A database that is down must not stop deliveries: time can fix it, a commit cannot.
  onError: 'allow',
  dryRun: 'warn',
  rules: {},
  overridable: [],
  namespaces: [],
  exemptions: [],
  database: {
    // An API server gives a webhook 10 s unless told otherwise; a verdict needs two such waits at most.
    connectTimeoutMs: 2000,
    statementTimeoutMs: 3000,
    // The reads take no lock that anybody waits for; what blocks them is DDL, which will not end soon.
    lockTimeoutMs: 500,
    idleTimeoutMs: 30_000,
    // One for the verdict at hand, one for a second object on the same database.
    maxConnectionsPerTarget: 2,
    // Half of PostgreSQL's default max_connections (100), if every target were on one server.
    maxConnections: 50,
    // 300 times the longest history in the field reports, and about 30 MB.
    maxRows: 100_000,
    allowedHosts: [],
    refusedAddresses: [],
    // On a laptop and in CI the database is on loopback more often than not; in a pod it never should be.
    ownAddresses: 'auto',
    sslRootCert: '',
    tls: [],
  },
  audit: {
    // What changes is audited at once; this is for databases that change behind the cluster's back.
    intervalSeconds: 600,
    // A hundred databases at 50 ms each take two seconds; one slow server takes half of this at most.
    concurrency: 4,
    events: true,
    // A report for each object is much for etcd where nobody reads them.
    reports: false,
  },
  consolidation: {
    // What is stored is then another spec than the one in Git: nobody should find that out by surprise.
    rewrite: 'off',
  },
  documentationUrl: '',
}
