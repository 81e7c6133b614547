import type { Severity } from '../facts/finding.js'

export type Mode = 'enforce' | 'warn' | 'audit'

/** `off` silences a rule, also in reports. */
export type RuleSetting = Severity | 'off'

/** What a policy can say for all namespaces and again for some. */
export interface Enforcement {
  /** enforce: severities as they are; warn: deny becomes warn; audit: everything becomes audit. */
  readonly mode: Mode
  /** What "cannot decide" leads to. */
  readonly onError: 'allow' | 'deny'
  /** warn: on a dry run a finding about another object's current content is at most a warning. */
  readonly dryRun: 'warn' | 'enforce'
  readonly rules: Readonly<Record<string, RuleSetting>>
}

export interface NamespaceOverride extends Partial<Enforcement> {
  /** Globs over namespace names (`*` and `?`). Later overrides win over earlier ones. */
  readonly match: readonly string[]
}

export interface Exemption {
  /** A rule id, or `*`. */
  readonly rule: string
  /** Globs. */
  readonly namespace: string
  readonly name: string
  readonly reason: string
  /** RFC 3339 date or time; past it, the exemption no longer counts. */
  readonly until?: string
}

export interface DatabaseLimits {
  readonly connectTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly maxConnectionsPerTarget: number
  readonly maxConnections: number
  /** More rows than this are not read: "cannot decide". */
  readonly maxRows: number
  /** Host globs and CIDRs; empty = every address that is not refused. */
  readonly allowedHosts: readonly string[]
  /** CIDRs refused in addition to link-local and metadata addresses. */
  readonly refusedAddresses: readonly string[]
  /**
   * Loopback, and the addresses of the machine (the pod) that this runs on: refused unless `allowedHosts` names
   * them, or allowed as any other. auto: refused in a pod of the cluster that is served, allowed everywhere else.
   */
  readonly ownAddresses: 'auto' | 'refused' | 'allowed'
  /** PEM file with the roots for sslmode verify-ca and verify-full; empty = the system's. */
  readonly sslRootCert: string
  /** Roots for some hosts, in place of sslRootCert; the first entry that covers a host counts. */
  readonly tls: readonly HostAuthority[]
}

/** A private authority that vouches for some hosts. */
export interface HostAuthority {
  /** Host globs, as in allowedHosts. */
  readonly hosts: readonly string[]
  /** PEM file with its root certificates. */
  readonly caFile: string
}

/** The background audit, which judges what is there already. */
export interface AuditSettings {
  /** Between two audits of everything; 0 = no audit. */
  readonly intervalSeconds: number
  /** AtlasMigrations that are judged at a time. */
  readonly concurrency: number
  /** Events on the AtlasMigrations. */
  readonly events: boolean
  /** A Report (openreports.io) or PolicyReport (wgpolicyk8s.io) for each AtlasMigration. */
  readonly reports: boolean
}

/** How AtlasMigrations come to use a consolidated directory. */
export interface ConsolidationSettings {
  /** annotated: /mutate points to the ConfigMap whose annotation says that it consolidates the one named. */
  readonly rewrite: 'off' | 'annotated'
}

/** The settings file, parsed: every default filled in. */
export interface Settings extends Enforcement {
  /** Rules that an object may override by annotation; `*` for all. */
  readonly overridable: readonly string[]
  readonly namespaces: readonly NamespaceOverride[]
  readonly exemptions: readonly Exemption[]
  readonly database: DatabaseLimits
  readonly audit: AuditSettings
  readonly consolidation: ConsolidationSettings
  /** URL of the rule pages, see {@link documentationUrl}; empty = no links. */
  readonly documentationUrl: string
}
