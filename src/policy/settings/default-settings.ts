import { unknownOperator } from '../facts/facts.js'
import type { Settings } from './settings.js'

/** The settings without a settings file, and for everything that one leaves out. */
export const defaultSettings: Settings = {
  mode: 'enforce',
  // A database that is down must not stop deliveries, because time can repair it and a commit
  // cannot.
  onError: 'allow',
  dryRun: 'warn',
  newRules: 'default',
  since: '',
  rules: {},
  overridable: [],
  namespaces: [],
  exemptions: [],
  database: {
    // An API server gives a webhook 10 s by default, and a verdict needs at most two such waits.
    connectTimeoutMs: 2000,
    statementTimeoutMs: 3000,
    // The reads take no lock that anybody waits for. What blocks them is DDL, which will not end
    // soon.
    lockTimeoutMs: 500,
    idleTimeoutMs: 30_000,
    // One for the verdict at hand, one for a second object on the same database.
    maxConnectionsPerTarget: 2,
    // Half of PostgreSQL's default max_connections (100), for the case that every target is on one
    // server.
    maxConnections: 50,
    // 30 times the longest history in the field reports, and about 3 MB. All rules together take
    // some 70 microseconds of the one thread for a row.
    maxRows: 10_000,
    allowedHosts: [],
    refusedAddresses: [],
    // On a laptop and in CI the database is usually on loopback; in a pod it never should be.
    ownAddresses: 'auto',
    sslRootCert: '',
    tls: [],
  },
  audit: {
    // Changes are audited at once. The interval is for databases that change without the cluster.
    intervalSeconds: 600,
    // A hundred databases at 50 ms each take two seconds. One slow server takes at most half of
    // these.
    concurrency: 4,
    events: true,
    // A report for each object is a load for etcd that is wasted where nobody reads them.
    reports: false,
  },
  consolidation: {
    // A rewrite stores another spec than the one in Git, which must not come as a surprise.
    rewrite: 'off',
  },
  operator: {
    // The operator's own defaults: everything is watched.
    namespaces: [],
    labelSelector: [],
    watchSecrets: true,
    ...unknownOperator,
  },
  documentationUrl: '',
}
